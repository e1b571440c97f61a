/** The counts of a stop: one stepper for each line, and any other type of crate. */

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { countedLines } from "../day.js";
import { check, counter, more, section } from "../ui.js";

const MOST = { collect: 400, drop: 400, deliver: 20_000 };

/** `prefill` is "likely" or "moved": what a line stands at before it is touched. */
export function counters(ctx, prefill = "likely") {
  const { t, halt, draft } = ctx;
  const lines = countedLines(halt);
  const typed = draft.counts ?? {};
  const set = (key, value) => ctx.setDraft({ counts: { ...typed, [key]: value }, sure: false });
  const groups = ["collect", "drop", "deliver"].map((move) => [move, lines.filter((line) => line.move === move)]);
  return html`${groups.filter(([, rows]) => rows.length).map(([move, rows]) => section(t(`count.${move}`), rows.map((line) => row(ctx, line, typed[line.key] ?? line[prefill], set))))} ${others(ctx, lines, typed, set)}`;
}

function row({ t, say }, line, value, set) {
  const notes = [line.asked ? t("count.asked", { n: say.number(line.asked) }) : "", line.scanned ? t("count.scanned", { n: say.number(line.scanned) }) : ""];
  const error = value < line.scanned ? t("count.below", { scanned: say.number(line.scanned), n: say.number(value) }) : "";
  // the same type is taken and left: read out alone, each button says which of the two it counts
  const spoken = line.move === "deliver" ? line.name : t(`count.${line.move}_of`, { crate: line.name });
  return counter(t, line.key, line.name, value, (n) => set(line.key, n), { spoken, note: notes.filter(Boolean).join(", "), most: MOST[line.move], error });
}

function others({ t, halt, day }, lines, typed, set) {
  const shown = new Set(lines.map((line) => line.item));
  const types = day.items.filter((item) => item.kind === "crate" && !shown.has(item.id));
  if (!types.length) return nothing;
  const rows = (move) => types.map((type) => counter(t, `${move}-${type.id}`, t(`count.${move}_of`, { crate: type.name }), typed[`${move}-${type.id}`] ?? 0, (n) => set(`${move}-${type.id}`, n)));
  return more(t(halt.added && !lines.length ? "count.what" : "count.another"), html`${rows("collect")}${rows("drop")}`);
}

/** Say whether the counts as typed lie below what was scanned: a label was seen for each, so that is asked once more. */
export function isBelow({ halt, draft }, prefill = "likely") {
  const typed = draft.counts ?? {};
  return countedLines(halt).some((line) => (typed[line.key] ?? line[prefill]) < line.scanned);
}

/** The box that confirms counts below the scans, once it was asked for. */
export function sure({ t, draft, setDraft }, isAsked) {
  if (!draft.asksSure || !isAsked) return nothing;
  return html`<div role="alert">${check("sure", t("count.sure"), Boolean(draft.sure), (isOn) => setDraft({ sure: isOn }), t("count.sure_note"))}</div>`;
}
