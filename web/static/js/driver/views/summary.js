/** What the route came to, what to hand over at the centre, and whether the van is empty then. */

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { closeFacts, undoFacts } from "../day.js";
import { namesOf, reasonWords } from "../saying.js";
import { area, button, card, counter, notice, pageHead, quantity, section, showAlert, stateBadge, thumb } from "../ui.js";

const MOST = 20_000;

export function view(ctx) {
  const { t, say, trip, day } = ctx;
  const open = trip.halts.filter((halt) => halt.isOpen);
  const short = shortOf(trip);
  return html`
    ${pageHead(t("summary.title"), { lead: `${trip.vehicle.name}, ${say.day(trip.day)}`, back: [t("home.title"), "#/"] })} ${closed(ctx)} ${standing(ctx, open)}
    ${card(t("summary.hand_over", { centre: day.centre.name }), trip.balance.length ? html`<p>${t("summary.count")}</p>${handed(ctx)}` : html`<p>${t("summary.empty")}</p>`, { level: 2 })}
    ${section(t("summary.balance"), balance(ctx))} ${explain(ctx)}
    ${short.length ? section(t("summary.short"), html`<div class="stack-tight">${short.map((halt) => card(namesOf(halt.point), html`<p>${halt.reasons.map((reason) => reasonWords(t, reason)).join(" · ")}</p>`, { href: `#/stop/${halt.stop.id}`, badge: stateBadge(t, halt.state) }))}</div>`) : nothing}
  `;
}

export function foot(ctx) {
  const { t, trip } = ctx;
  if (trip.closing) return thumb(t, button(t("summary.reopen"), () => ctx.act(undoFacts(trip.closing), t("summary.reopened")), { kind: "secondary", glyph: "undo", main: true }));
  const end = (kind) => button(t("summary.close"), () => close(ctx), { ...kind, glyph: "check" });
  if (!trip.next) return thumb(t, end({ main: true }));
  return thumb(t, end({ kind: "secondary" }), button(t("summary.next"), `#/stop/${trip.next.stop.id}`, { glyph: "next", main: true }));
}

const keyOf = (row) => `handed-${row.kind}-${row.item}`;
const handedOf = ({ draft }, row) => draft[keyOf(row)] ?? Math.max(0, row.aboard);
const remainder = (ctx) => ctx.trip.balance.map((row) => ({ ...row, left: row.aboard - handedOf(ctx, row) })).filter((row) => row.left !== 0);

const mustExplain = (ctx) => Boolean(remainder(ctx).length || ctx.trip.over.length || ctx.trip.next);

/** The driver's explanation; until they write one, what they said at the stops that were not done. */
const whyOf = ({ t, draft, trip }) => draft.why ?? shortOf(trip).map((halt) => `${halt.point.name}: ${halt.reasons.map((reason) => reasonWords(t, reason)).join(", ")}`).join(" · ");
const shortOf = (trip) => trip.halts.filter((halt) => ["partly", "missed"].includes(halt.state));

function handed(ctx) {
  const { t, say } = ctx;
  return ctx.trip.balance.map((row) => {
    const note = t("summary.should", { n: say.number(Math.max(0, row.aboard)) });
    return counter(t, keyOf(row), t(`summary.of_${row.kind}`, { item: row.name }), handedOf(ctx, row), (n) => ctx.setDraft({ [keyOf(row)]: n }), { note, most: MOST });
  });
}

function balance(ctx) {
  const { t, say, trip } = ctx;
  const left = remainder(ctx);
  const rows = trip.balance.map((row) => html`<li>${t(`summary.sum_${row.kind}`, { item: row.name, came: say.number(row.came), went: say.number(row.went), n: say.number(row.aboard) })}</li>`);
  const words = [
    ...left.map((row) => t(row.left > 0 ? "summary.missing" : "summary.over", { n: say.number(Math.abs(row.left)), item: row.name })),
    ...trip.over.map((row) => t(row.over > 0 ? "summary.not_left" : "summary.not_loaded", { n: say.number(Math.abs(row.over)), item: row.name })),
  ];
  const sentence = words.length
    ? notice(html`<ul>${words.map((each) => html`<li>${each}</li>`)}</ul>`, "attention")
    : trip.next ? nothing : notice(t("summary.zero"), "done");
  return html`<ul class="plain">${rows}</ul>${sentence}`;
}

function explain(ctx) {
  const { t, draft, trip } = ctx;
  if (trip.closing || !mustExplain(ctx)) return nothing;
  return area("why", t("summary.why"), whyOf(ctx), (why) => ctx.setDraft({ why, wantsWhy: false }), { hint: t("summary.why_hint"), error: draft.wantsWhy ? t("summary.say_why") : "" });
}

async function close(ctx) {
  const { t, trip } = ctx;
  const why = mustExplain(ctx) ? whyOf(ctx).trim() : "";
  const left = remainder(ctx);
  if (mustExplain(ctx) && !why) {
    ctx.setDraft({ wantsWhy: true });
    return showAlert();
  }
  const what = left.map((row) => `${row.name}: ${row.left}`).join(", ");
  const note = [why, what].filter(Boolean).join(" · ");
  await ctx.act(closeFacts(trip, note), t("summary.closed"));
}

function closed({ t, say, trip }) {
  if (!trip.closing) return nothing;
  const at = t("summary.closed_at", { clock: say.clock(trip.closing.at) });
  return notice(html`<p><strong>${at}</strong> ${trip.closing.note ? t("stop.quote", { words: trip.closing.note }) : ""}</p>`, "done");
}

function standing({ t, trip }, open) {
  if (!trip.halts.length) return notice(t("home.no_stop"));
  if (!open.length) return notice(t("summary.all_ended"), "done");
  return notice(html`<p>${t("summary.open", { n: open.length })}</p><ul class="plain">${open.map((halt) => html`<li><a href="#/stop/${halt.stop.id}">${namesOf(halt.point)}</a></li>`)}</ul>`, "attention");
}
