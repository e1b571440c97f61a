/** Why a stop was not done, or not wholly: a reason, words, a photo, and what was done all the same. */

import { html } from "../../../vendor/lit-html/lit-html.js";
import { countsOf, endEvents } from "../day.js";
import { counters, isBelow, sure } from "./counts.js";
import { namesOf, OTHER, REASONS } from "../saying.js";
import { area, button, notice, pageHead, radios, showAlert, thumb } from "../ui.js";

export function view(ctx) {
  const { t, halt, draft } = ctx;
  const back = [t("stop.back"), `#/stop/${halt.stop.id}`];
  const choices = REASONS.map((reason) => [reason, t(`reason.${reason}`)]);
  return html`
    ${pageHead(t("problem.title"), { lead: namesOf(halt.point), back })} ${draft.wants === "reason" ? html`<div role="alert">${notice(t("problem.choose"), "problem")}</div>` : ""}
    ${radios("reason", t("problem.reason"), choices, reasonOf(ctx), (reason) => ctx.setDraft({ reason, wants: "" }))}
    ${area("note", t("problem.words"), noteOf(ctx), (note) => ctx.setDraft({ note, wants: "" }), { error: draft.wants === "note" ? t("problem.say") : "" })}
    ${button(t("stop.photo"), `#/stop/${halt.stop.id}/photo`, { kind: "secondary", glyph: "photo", wide: true })}
    <p class="muted">${t("problem.counts")}</p>
    ${counters(ctx, "moved")} ${sure(ctx, isScanned(ctx))}
  `;
}

const reasonOf = ({ halt, draft }) => draft.reason ?? halt.reasons[0] ?? "";
const noteOf = ({ halt, draft }) => draft.note ?? halt.note;

export function foot(ctx) {
  const { t } = ctx;
  return thumb(
    t,
    button(t("problem.missed"), () => end(ctx, "stop_missed"), { kind: "danger-quiet" }),
    button(t("problem.partly"), () => end(ctx, "stop_partly"), { main: true }),
  );
}

const isScanned = ({ halt }) => halt.lines.some((line) => line.scanned);

function ask(ctx, facts) {
  ctx.setDraft(facts);
  showAlert();
}

async function end(ctx, kind) {
  const { t, halt, draft } = ctx;
  const [reason, note] = [reasonOf(ctx), noteOf(ctx).trim()];
  if (!reason) return ask(ctx, { wants: "reason" });
  if (reason === OTHER && !note) return ask(ctx, { wants: "note" });
  // a label was seen for each scan: to count fewer is asked about once more
  if ((kind === "stop_missed" ? isScanned(ctx) : isBelow(ctx, "moved")) && !draft.sure) return ask(ctx, { asksSure: true });
  const standing = Object.fromEntries(halt.lines.map((line) => [line.key, line.moved]));
  const counts = countsOf(halt, kind, { ...standing, ...draft.counts });
  await ctx.end(endEvents(halt, kind, counts, { reason, note }), t("stop.recorded", { place: halt.point.name }));
}
