/** Who handed over or took in signs with a finger, or by name alone. */

import { html } from "../../../vendor/lit-html/lit-html.js";
import { signatureFacts } from "../day.js";
import { namesOf } from "../saying.js";
import { hand, HEIGHT, paint, picture, WIDTH } from "../signature.js";
import { button, field, notice, pageHead, thumb } from "../ui.js";

const PAD = "pad";
const MOST = 2000; // characters of a name: what an event's note has room for

export function view(ctx) {
  const { t, halt, draft } = ctx;
  const strokes = draft.strokes ?? [];
  const pad = hand(() => strokes, (drawn) => ctx.setDraft({ strokes: drawn }));
  // the canvas is there once this is on the page
  queueMicrotask(() => document.getElementById(PAD) && paint(document.getElementById(PAD), strokes));
  return html`
    ${pageHead(t("stop.signature"), { lead: namesOf(halt.point), back: [t("stop.back"), `#/stop/${halt.stop.id}`] })}
    ${draft.unsigned ? notice(t("signature.who_first"), "problem") : ""}
    ${field("signer", t("signature.who"), draft.signer ?? "", (signer) => ctx.setDraft({ signer: signer.slice(0, MOST), unsigned: false }))}
    <p class="hint" id="pad-hint">${t("signature.hint")}</p>
    <canvas class="signature-pad" id=${PAD} width=${WIDTH} height=${HEIGHT} role="img" aria-label=${t("signature.pad")} aria-describedby="pad-hint"
      @pointerdown=${pad.begin} @pointermove=${pad.go} @pointerup=${pad.end} @pointercancel=${pad.end}></canvas>
    ${button(t("signature.clear"), () => ctx.setDraft({ strokes: [] }), { kind: "secondary", glyph: "undo", wide: true })}
  `;
}

export function foot(ctx) {
  return thumb(ctx.t, button(ctx.t("signature.keep"), () => keep(ctx), { glyph: "check", main: true }));
}

async function keep(ctx) {
  const { t, halt, draft } = ctx;
  const signer = (draft.signer ?? "").trim();
  if (!signer) return ctx.setDraft({ unsigned: true });
  const drawn = await picture(draft.strokes ?? []);
  const facts = signatureFacts(halt, signer);
  const last = facts.length - 1;
  if (drawn) facts[last] = { ...facts[last], photo: drawn.sha256 };
  const made = await ctx.act(facts, t("signature.kept"), drawn ? { [last]: drawn } : {});
  if (!made) return;
  await ctx.setDraft({ strokes: [], signer: "" });
  ctx.go(`#/stop/${halt.stop.id}`);
}
