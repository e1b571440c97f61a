/** A photo of a stop, or of the place where crates stand: kept as soon as it is taken. */

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { photoFacts } from "../day.js";
import { take } from "../photo.js";
import { namesOf } from "../saying.js";
import { icon, notice, pageHead, radios } from "../ui.js";

const PLACE = "place"; // the reason of a photo that is the point's own from then on

export function view(ctx) {
  const { t, halt, draft } = ctx;
  const shows = draft.photoOf ?? "stop";
  const taken = ctx.photosOf(halt).length;
  return html`
    ${pageHead(t("stop.photo"), { lead: namesOf(halt.point), back: [t("stop.back"), `#/stop/${halt.stop.id}`] })}
    ${draft.photoFailed ? notice(t("photo.failed"), "problem") : nothing}
    ${radios("photo-of", t("photo.of"), ["stop", PLACE].map((key) => [key, t(`photo.of_${key}`)]), shows, (photoOf) => ctx.setDraft({ photoOf }))}
    <div class="form-field">
      <label class="button button-primary button-wide" for="photo">${icon("photo")}${t("photo.take")}</label>
      <input class="sr-only" id="photo" type="file" accept="image/*" capture="environment" @change=${(event) => keep(ctx, shows, event.target)} />
      <span class="hint">${t("photo.hint")}</span>
    </div>
    ${taken ? html`<p role="status">${icon("check")} ${t("photo.taken", { n: taken })}</p>` : nothing}
  `;
}

async function keep(ctx, shows, input) {
  const [file] = input.files;
  // the same photo may be chosen again
  input.value = "";
  if (!file) return;
  const photo = await take(file).catch((error) => console.warn(error));
  ctx.setDraft({ photoFailed: !photo });
  if (!photo) return;
  const facts = photoFacts(ctx.halt);
  const last = facts.length - 1;
  facts[last] = { ...facts[last], photo: photo.sha256, ...(shows === PLACE ? { reason: PLACE } : {}) };
  await ctx.act(facts, ctx.t("photo.kept"), { [last]: photo });
}
