/** A stop that nobody planned: by the code at its door, or by its name. */

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { addStopFacts, routeNoteFacts } from "../day.js";
import { isCode, matching, named } from "../places.js";
import { namesOf } from "../saying.js";
import { button, field, notice, pageHead } from "../ui.js";
import { door } from "./door.js";

/** The longest code that is kept as a note. */
const LONGEST = 300;

export function view(ctx) {
  const { t, draft, trip } = ctx;
  const name = draft.name ?? "";
  const found = matching(placesOf(ctx), name);
  return html`
    ${pageHead(t("add.title"), { lead: trip.vehicle.name, back: [t("home.title"), "#/"] })} ${camera(ctx)}
    <form @submit=${(event) => event.preventDefault()}>${field("place", t("add.name"), name, (text) => ctx.setDraft({ name: text }), { hint: t("add.hint"), type: "search" })}</form>
    ${name && !found.length ? unknown(ctx, name) : nothing}
    <ul class="plain stack-tight">${found.map((point) => html`<li>${button(namesOf(point), () => add(ctx, point), { kind: "secondary", glyph: "pin", wide: true })}</li>`)}</ul>
  `;
}

const placesOf = ({ day }) => [...day.world.points.values()].filter((point) => point.id !== day.centre.id);

function camera(ctx) {
  const { t, draft, setDraft } = ctx;
  if (!draft.looks) return button(t("add.scan"), () => setDraft({ looks: true }), { glyph: "scan", wide: true });
  return html`${door({ ...ctx, seen: (text, sing) => seen(ctx, text, sing) })}${button(t("add.no_camera"), () => setDraft({ looks: false }), { kind: "quiet", wide: true })}`;
}

/** Go where a code leads; what it says otherwise stays in the field. Return whether it led anywhere. */
async function seen(ctx, text, sing) {
  const point = named(placesOf(ctx), text);
  sing(point ? "known" : "unknown");
  if (point) await add(ctx, point);
  else ctx.setDraft({ name: text.slice(0, LONGEST) });
  return Boolean(point);
}

async function add(ctx, point) {
  const { t, trip } = ctx;
  const here = trip.halts.filter((halt) => halt.point.id === point.id);
  const planned = here.find((halt) => halt.isOpen) ?? here[0];
  if (!planned && !(await ctx.act(addStopFacts(trip, point.id), t("add.added", { place: point.name })))) return;
  ctx.setDraft(null);
  ctx.go(`#/stop/${planned ? planned.stop.id : `added-${trip.route}-${point.id}`}`);
}

function unknown(ctx, name) {
  const { t, trip } = ctx;
  const tell = async () => {
    if (!(await ctx.act(routeNoteFacts(trip, t("add.note", { place: name })), t("note.kept")))) return;
    ctx.setDraft(null);
    ctx.go("#/");
  };
  const words = isCode(name) ? "add.unknown_code" : "add.unknown";
  return html`<div role="status">${notice(html`<p>${t(words)}</p>${button(t("add.tell"), tell, { kind: "secondary", glyph: "note" })}`, "attention")}</div>`;
}
