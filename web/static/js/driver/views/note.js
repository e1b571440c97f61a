/** A few words about a stop, kept with it. */

import { html } from "../../../vendor/lit-html/lit-html.js";
import { noteFacts } from "../day.js";
import { namesOf } from "../saying.js";
import { area, button, pageHead, thumb } from "../ui.js";

export function view(ctx) {
  const { t, halt, draft } = ctx;
  return html`
    ${pageHead(t("stop.note"), { lead: namesOf(halt.point), back: [t("stop.back"), `#/stop/${halt.stop.id}`] })}
    ${area("words", t("note.words"), draft.words ?? "", (words) => ctx.setDraft({ words }), { hint: t("note.hint") })}
  `;
}

export function foot(ctx) {
  const { t, halt, draft } = ctx;
  const keep = async () => {
    const note = (draft.words ?? "").trim();
    if (note) await ctx.act(noteFacts(halt, note), t("note.kept"));
    ctx.setDraft({ words: "" });
    ctx.go(`#/stop/${halt.stop.id}`);
  };
  return thumb(t, button(t("note.keep"), keep, { glyph: "check", main: true }));
}
