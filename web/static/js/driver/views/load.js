/** What has to be aboard, the last stop first; ticks stay on this phone. */

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { loadFacts } from "../day.js";
import { mixes } from "../sums.js";
import { townOf } from "../saying.js";
import { button, card, check, counter, empty, icon, more, notice, pageHead, quantity, thumb } from "../ui.js";

export function view(ctx) {
  const { t, say, trip } = ctx;
  const lead = t("load.lead", { vehicle: trip.vehicle.name, clock: say.clock(trip.departs) });
  return html`
    ${pageHead(t("load.title"), { lead, back: [t("home.title"), "#/"] })} ${mixed(ctx)} ${total(ctx)}
    ${trip.rows.length ? trip.rows.map((row) => aboard(ctx, row)) : empty(t("load.none"), t("load.none_why"), "van")}
    ${trip.rows.length ? html`<p class="small muted">${t("load.ticks")}</p>` : nothing}
    ${less(ctx)}
    ${button(scanLabel(ctx), "#/load/scan", { kind: "secondary", glyph: "scan", wide: true })}
    <a class="button button-secondary button-wide" href="/driver/route/${trip.route}/sheet.pdf" target="_blank">${icon("print")}${t("load.sheet")}</a>
  `;
}

export function foot({ t, trip }) {
  const following = trip.next ? `#/stop/${trip.next.stop.id}` : "#/";
  return thumb(t, button(t("load.go"), following, { glyph: "van", main: true }));
}

/** Empties by type, but those that are scanned as part of an order: a count would take in both. */
function emptiesOf({ rows }) {
  const forOrders = new Set(rows.flatMap((row) => row.bottles.map((each) => each.crate_item)));
  const sums = new Map();
  for (const { item, quantity: n } of rows.flatMap((row) => row.empties)) sums.set(item, (sums.get(item) ?? 0) + n);
  return [...sums].filter(([item]) => !forOrders.has(item));
}

/** Who loads as asked says nothing; who loads more or fewer counts, so that the van adds up in the evening. */
function less(ctx) {
  const { t, trip, draft, day } = ctx;
  const rows = emptiesOf(trip);
  if (!rows.length) return nothing;
  const valueOf = ([item, asked]) => draft[`loaded-${item}`] ?? trip.aboard.get(item) ?? asked;
  const named = (item) => day.items.find((each) => each.id === item)?.name ?? item;
  const changed = rows.filter((row) => valueOf(row) !== (trip.aboard.get(row[0]) ?? row[1]));
  const keep = async () => {
    const kept = await ctx.act(changed.map((row) => loadFacts(trip, row[0], valueOf(row))), t("load.counted"));
    if (kept) ctx.setDraft(Object.fromEntries(rows.map(([item]) => [`loaded-${item}`, undefined])));
  };
  return more(
    t("load.other"),
    html`${rows.map((row) => counter(t, `loaded-${row[0]}`, t("stop.empty", { crate: named(row[0]) }), valueOf(row), (n) => ctx.setDraft({ [`loaded-${row[0]}`]: n }), { note: t("load.asked", { n: row[1] }) }))}
    ${changed.length ? button(t("load.keep"), keep, { kind: "secondary", glyph: "check", wide: true }) : nothing}`,
  );
}

function scanLabel({ t, trip }) {
  const scanned = new Set(trip.loads.filter((scan) => !scan.undone).map((scan) => scan.code)).size;
  return scanned ? t("load.scanned", { n: scanned, total: trip.asked }) : t("load.scan");
}

function mixed({ t, trip }) {
  if (mixes(trip)) return notice(trip.vehicle.mixed ? t("load.mixed") : t("load.not_mixed"), trip.vehicle.mixed ? "attention" : "problem");
  return trip.vehicle.mixed ? nothing : notice(t("load.one_kind"), "attention");
}

function total({ t, trip }) {
  const sum = (rows) => rows.reduce((all, row) => all + row.quantity, 0);
  const empties = sum(trip.rows.flatMap((row) => row.empties));
  const bottles = sum(trip.rows.flatMap((row) => row.bottles));
  const words = [empties ? t("load.empties", { n: empties }) : "", bottles ? t("load.bottles", { n: bottles }) : ""].filter(Boolean);
  return words.length ? html`<p><strong>${t("load.in_all")}</strong> ${words.join(", ")}</p>` : nothing;
}

function aboard(ctx, { halt, empties, bottles }) {
  const { t, say, day } = ctx;
  const name = (item) => day.items.find((each) => each.id === item)?.name ?? item;
  const line = [t("stop.number", { n: halt.stop.position, clock: say.clock(halt.stop.arrives) }), townOf(halt.point)].filter(Boolean).join(" · ");
  const tick = (key, label, note) => {
    const id = `aboard-${halt.stop.id}-${key}`;
    return check(id, label, Boolean(ctx.draft[id]), (isOn) => ctx.setDraft({ [id]: isOn }), note);
  };
  return card(
    halt.point.name,
    html`<p class="muted">${line}</p>
      ${empties.map((row) => tick(row.item, quantity(say.number(row.quantity), "×", t("stop.empty", { crate: name(row.item) }))))}
      ${bottles.map((row) => tick(`${row.order}-${row.item}`, quantity(say.number(row.quantity), t("ui.bottles", { n: row.quantity }), name(row.item)), lots(ctx, row, name)))}`,
    { level: 2 },
  );
}

function lots({ t, say }, row, name) {
  const each = row.lots.map((lot) => {
    const parts = [t("load.lot", { lot: lot.code }), row.lots.length > 1 ? t("load.bottles", { n: lot.quantity }) : "", lot.use_by ? t("load.use_by", { day: say.shortDay(lot.use_by) }) : ""];
    return parts.filter(Boolean).join(", ");
  });
  return [t("load.order", { n: row.order }), `${say.number(row.crates)} × ${name(row.crate_item)}`, ...each].join(" · ");
}
