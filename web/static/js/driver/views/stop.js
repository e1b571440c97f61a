/** One stop fills the screen: what to take and to leave, how to get in, then scans, counts, and Done at the thumb. */

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { countsOf, endEvents, linesOf, mayReopen, reachEvents, reopenEvents } from "../day.js";
import { counters, isBelow, sure } from "./counts.js";
import { arrivalOf, namesOf, reasonWords, townOf, wanted, ways } from "../saying.js";
import { button, icon, more, notice, pageHead, quantity, section, showAlert, stateBadge, thumb, tile } from "../ui.js";

export function view(ctx) {
  const { t, halt } = ctx;
  return html`
    ${pageHead(halt.point.name, { lead: lead(ctx), back: [t("stop.all"), "#/"], aside: stateBadge(t, halt.state) })}
    ${halt.withdrawn.length ? notice(t("stop.withdrawn"), "problem") : nothing} ${ended(ctx)} ${amounts(ctx)}
    ${halt.point.access_note ? notice(halt.point.access_note, "attention") : nothing} ${halt.notes.map((note) => notice(note))}
    ${halt.state === "to_come" ? navigate(ctx) : nothing}
    <div class="tiles">${scanTiles(ctx)}</div>
    ${counters(ctx)} ${sure(ctx, isBelow(ctx))} ${extras(ctx)} ${place(ctx)}
  `;
}

function lead(ctx) {
  const { t, say, halt } = ctx;
  const when = halt.added ? t("home.added") : t("stop.number", { n: halt.stop.position, clock: say.clock(halt.stop.arrives) });
  return [when, arrivalOf(ctx, halt), townOf(halt.point)].filter(Boolean).join(" · ");
}

export function foot(ctx) {
  const { t, halt } = ctx;
  const isShort = ["partly", "missed"].includes(halt.state);
  const word = isShort ? "stop.done_after_all" : halt.isOpen ? "stop.done" : "stop.correct";
  return thumb(
    t,
    button(t(isShort ? "stop.correct" : "stop.problem"), `#/stop/${halt.stop.id}/problem`, { kind: "danger-quiet" }),
    button(t(word), () => done(ctx), { glyph: "check", main: true }),
  );
}

async function done(ctx) {
  const { halt, draft } = ctx;
  if (isBelow(ctx) && !draft.sure) {
    ctx.setDraft({ asksSure: true });
    return showAlert();
  }
  const facts = endEvents(halt, "stop_done", countsOf(halt, "stop_done", draft.counts));
  await ctx.end(facts, ctx.t("stop.recorded", { place: halt.point.name }));
}

function ended(ctx) {
  const { t, halt, day } = ctx;
  if (halt.isOpen) return nothing;
  const words = [...halt.reasons.map((reason) => `${reasonWords(t, reason)}.`), halt.note ? t("stop.quote", { words: halt.note }) : "", halt.state === "done" ? t("stop.change") : ""];
  const anew = mayReopen(halt, day.person.id)
    ? button(t("stop.reopen"), () => ctx.act(reopenEvents(halt), t("stop.reopened")), { kind: "secondary", glyph: "undo" })
    : html`<p>${t("stop.not_yours")}</p>`;
  return notice(html`<p><strong>${t(`state.${halt.state}`)}.</strong> ${words.filter(Boolean).join(" ")}</p>${anew}`, halt.state === "done" ? "done" : "attention");
}

function amounts({ t, say, halt }) {
  const { take, leave } = wanted(t, halt);
  const list = (lines) => lines.length ? html`<ul>${lines.map((line, index) => html`<li>${quantity(say.number(line.asked), "×", line.kind, index === 0)}</li>`)}</ul>` : html`<p class="muted">${t("stop.nothing")}</p>`;
  return html`<div class="take-leave">
    <div><h2>${icon("hand")}${t("stop.take")}</h2>${list(take)}</div>
    <div><h2>${icon("crate")}${t("stop.leave")}</h2>${list(leave)}</div>
  </div>`;
}

function scanTiles({ t, halt }) {
  const sum = (lines, value) => lines.reduce((all, line) => all + line[value], 0);
  return ["collect", "drop", ...(halt.delivers ? ["deliver"] : [])].map((move) => {
    const lines = linesOf(halt, move);
    const [asked, scanned] = [sum(lines, "asked"), sum(lines, "scanned")];
    if (!asked && !scanned && move !== "collect" && !halt.added) return nothing;
    const note = asked ? t("stop.scanned_of", { n: scanned, total: asked }) : t("count.scanned", { n: scanned });
    return tile(t(`stop.scan_${move}`), `#/stop/${halt.stop.id}/scan/${move}`, { note, glyph: "scan" });
  });
}

function extras({ t, halt, photosOf }) {
  const { id } = halt.stop;
  const pictures = photosOf(halt);
  return html`${section(
    t("stop.extras"),
    html`<div class="tiles">
        ${tile(t("stop.photo"), `#/stop/${id}/photo`, { glyph: "photo", note: pictures.length ? t("stop.photos", { n: pictures.length }) : "" })}
        ${tile(t("stop.note"), `#/stop/${id}/note`, { glyph: "note" })} ${tile(t("stop.signature"), `#/stop/${id}/signature`, { glyph: "person" })}
      </div>
      ${halt.written.map((event) => html`<p class="said">${icon("note")} ${event.note}</p>`)}`,
  )}`;
}

const waysTo = ({ t, halt: { point } }) => (Number.isFinite(point.lat) ? ways(t, point) : []);

function navigate(ctx) {
  const [own] = waysTo(ctx);
  return own ? button(ctx.t("stop.navigate"), own[1], { kind: "secondary", glyph: "map", wide: true }) : nothing;
}

function place(ctx) {
  const { t, say, halt } = ctx;
  const { point } = halt;
  const others = waysTo(ctx).slice(1);
  const address = [point.street, [point.postcode, point.town].filter(Boolean).join(" ")].filter(Boolean).join(", ");
  const hours = (point.windows ?? []).map(([opens, closes]) => `${say.clock(opens)}–${say.clock(closes)}`).join(", ");
  return section(
    t("stop.place"),
    html`<div class="stack-tight">
      ${point.photo ? html`<img class="place-photo" src=${point.photo} alt=${t("stop.place_photo", { place: namesOf(point) })} />` : nothing}
      <p>${address}${halt.added ? nothing : html`<br />${hours ? t("stop.open", { hours }) : html`<strong class="problem-text">${t("stop.closed")}</strong>`}`}</p>
      ${halt.state === "to_come" ? nothing : navigate(ctx)}
      ${point.phone ? button(t("stop.call", { who: point.contact || point.phone }), `tel:${point.phone.replaceAll(" ", "")}`, { kind: "secondary", glyph: "phone", wide: true }) : nothing}
      ${halt.state === "to_come" ? button(t("stop.here"), () => ctx.act(reachEvents(halt), t("stop.here_kept")), { kind: "secondary", glyph: "pin", wide: true }) : nothing}
      ${others.length ? more(t("stop.other_apps"), html`<div class="stack-tight">${others.map(([name, href]) => button(name, href, { kind: "secondary", glyph: "map", wide: true, away: true }))}</div>`) : nothing}
      ${point.notes?.length ? more(t("stop.earlier_notes"), point.notes.map((note) => html`<p class="said">${icon("note")} ${note}</p>`)) : nothing}
    </div>`,
  );
}
