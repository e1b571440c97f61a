/** Today's route: the next stop first, what must be known before leaving, then all stops in order. */

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { CLOSE_MS } from "../arrivals.js";
import { differences } from "./changes.js";
import { arrivalOf, namesOf, townOf, wanted } from "../saying.js";
import { button, card, empty, icon, notice, pageHead, quantity, section, stateBadge, thumb, tile } from "../ui.js";

export function view(ctx) {
  const { t, say, day } = ctx;
  if (!day.trips.length) return html`${pageHead(t("home.title"), { lead: say.day(ctx.today) })} ${nothingToday(ctx)} ${links(ctx)}`;
  return html`
    ${pageHead(t("home.title"), { lead: say.day(day.trips[0].day) })}
    ${differences(ctx)} ${day.trips.map((trip, index) => route(ctx, trip, index === 0))} ${links(ctx)}
  `;
}

/** The one thing to do now, at the thumb. */
export function foot(ctx) {
  const { t, trip } = ctx;
  if (!trip || trip.gone || !trip.halts.length) return nothing;
  if (isToBeLoaded(trip)) return thumb(t, button(t("home.load"), `#/load/${trip.route}`, { glyph: "list", main: true }));
  if (trip.next) return thumb(t, button(t("home.open_next"), `#/stop/${trip.next.stop.id}`, { glyph: "next", main: true }));
  return thumb(t, button(trip.closing ? t("home.summary") : t("home.close"), `#/summary/${trip.route}`, { glyph: "check", main: true }));
}

const isToBeLoaded = (trip) => trip.rows.length > 0 && !trip.loads.length && trip.halts.every((halt) => halt.state === "to_come");

function nothingToday({ t, say, day }) {
  if (!day.later) return empty(t("home.none"), t("home.none_yet"), "van");
  return empty(t("home.none"), t("home.none_until", { day: say.day(day.later.day), clock: say.clock(day.later.departs) }), "van");
}

/** What a driver must know before there is no network: never in the way. */
function warnings({ t, status, app, warning, day }) {
  const begun = day.trips.some((trip) => trip.halts.some((halt) => halt.state !== "to_come"));
  const early = begun ? [] : [status.storageWarning, warning ?? (app.kept ? null : "shell.not_kept")];
  const keys = early.filter(Boolean);
  return keys.length ? notice(html`${keys.map((key) => html`<p>${t(key)}</p>`)}<p><a href="#/queue">${t("home.why_warning")}</a></p>`, "attention") : nothing;
}

/** A newer app waits until the driver says so: it never comes in between. */
function renewal({ t, app, update }) {
  return app.fresh ? notice(html`<p>${t("shell.new")}</p>${button(t("shell.use_new"), update, { kind: "secondary", glyph: "repeat" })}`, "info") : nothing;
}

function route(ctx, trip, isFirst) {
  const { t, say, day } = ctx;
  const breaks = trip.breaks.map((at) => t("home.break", { clock: say.clock(at) }));
  const facts = [t("home.times", { leaves: say.clock(trip.departs), back: say.clock(trip.returns) }), t("home.stops", { n: trip.total }), say.km(trip.metres)];
  return html`
    ${card(trip.vehicle.name, html`<p>${facts.join(" · ")} ${trip.estimated ? html`<span class="muted">${t("home.estimated")}</span>` : nothing}${breaks.length ? html`<br />${breaks.join(" ")}` : nothing}</p>${lead(ctx, trip)}`, { kind: isFirst ? "lead" : "", level: 2 })}
    ${isFirst ? [renewal(ctx), warnings(ctx)] : nothing} ${trip.gone ? notice(t("home.gone"), "attention") : nothing}
    ${section(t("home.all_stops"), html`<ol class="plain stack-tight">${trip.halts.map((halt) => stop(ctx, trip, halt))}${unloading(ctx, trip, null)}</ol>`, { tally: t("ui.done_of", { done: trip.done, total: trip.total }) })}
    ${button(t("home.add_stop"), `#/add/${trip.route}`, { kind: "secondary", glyph: "plus", wide: true })}
    ${day.trips.length > 1 ? html`<div class="tiles">${tile(t("home.load"), `#/load/${trip.route}`, { glyph: "list" })}${tile(t("home.summary"), `#/summary/${trip.route}`, { glyph: "check" })}</div>` : nothing}
  `;
}

function lead(ctx, trip) {
  const { t, say } = ctx;
  const { next } = trip;
  if (!trip.halts.length) return html`<p><strong>${t("home.no_stop")}</strong></p>`;
  if (!next) return html`<p><strong>${trip.closing ? t("home.closed") : t("home.all_done")}</strong></p>`;
  return html`<p class="next-stop"><strong>${t("home.next", { place: namesOf(next.point) })}</strong> ${next.added ? nothing : html`<span>${t("home.about", { clock: say.clock(next.stop.arrives) })}</span> ${arrivalOf(ctx, next)}`}</p>${back(ctx, trip)}`;
}

/** When the van is home again, where that is not as planned. */
function back({ t, say, road }, trip) {
  const found = road(trip.route);
  const shift = found && found.why !== "silent" ? Math.abs(found.home - Date.parse(trip.returns)) : 0;
  return shift < CLOSE_MS ? nothing : html`<p>${t("home.home_at", { clock: say.clock(found.home) })}</p>`;
}

function stop(ctx, trip, halt) {
  const { t, say } = ctx;
  const badge = halt.state === "to_come" ? nothing : stateBadge(t, halt.state);
  const when = halt.added ? t("home.added") : `${halt.stop.position} · ${say.clock(halt.stop.arrives)}`;
  const line = [when, arrivalOf(ctx, halt), townOf(halt.point)].filter(Boolean).join(" · ");
  const kind = halt.isOpen ? "" : "quiet";
  return html`${unloading(ctx, trip, halt.stop.id)}
    <li>${card(halt.point.name, html`<p class="muted">${line}</p>${asked(ctx, halt)}${halt.withdrawn.length ? html`<p class="problem-text">${t("home.withdrawn")}</p>` : nothing}`, { kind, href: `#/stop/${halt.stop.id}`, badge })}</li>`;
}

function asked({ t, say }, halt) {
  const { take, leave } = wanted(t, halt);
  const row = (word, lines) => lines.length ? html`<li><span class="asked-move">${word}</span><span>${lines.map((line, index) => html`${index ? ", " : nothing}${quantity(say.number(line.asked), "×", line.kind)}`)}</span></li>` : nothing;
  return take.length || leave.length ? html`<ul class="plain asked">${row(t("stop.take"), take)}${row(t("stop.leave"), leave)}</ul>` : nothing;
}

const unloading = ({ t, say }, trip, before) =>
  trip.unloads.filter((each) => each.before === before).map((each) => html`<li class="unloading">${icon("home")} ${t("home.unload", { clock: say.clock(each.at) })}</li>`);

function links({ t, day, status }) {
  const [first] = day.trips;
  const waiting = status.waiting + status.photos;
  return html`<nav class="tiles" aria-label=${t("ui.pages")}>
    ${day.trips.length === 1 ? html`${tile(t("home.load"), `#/load/${first.route}`, { glyph: "list" })}${tile(t("home.summary"), `#/summary/${first.route}`, { glyph: "check" })}` : nothing}
    ${first ? tile(t("map.title"), "#/map", { glyph: "map" }) : nothing}
    ${tile(t("guide.title"), "#/guide", { glyph: "bottle" })}
    ${tile(t("queue.title"), "#/queue", { glyph: "out", note: waiting ? t("line.waiting", { n: waiting }) : t("line.all_sent") })}
    ${tile(t("settings.title"), "#/settings", { glyph: "person" })}
  </nav>`;
}
