/** A stop that nobody planned: by the code at its door, or by its name. */

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { addStopFacts, routeNoteFacts } from "../day.js";
import { namesOf } from "../saying.js";
import { button, field, notice, pageHead } from "../ui.js";

const MOST = 12;
const plain = (text) => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();

export function view(ctx) {
  const { t, draft, trip } = ctx;
  const name = draft.name ?? "";
  const found = matching(ctx, name);
  return html`
    ${pageHead(t("add.title"), { lead: trip.vehicle.name, back: [t("home.title"), "#/"] })}
    <form @submit=${(event) => event.preventDefault()}>${field("place", t("add.name"), name, (text) => ctx.setDraft({ name: text }), { hint: t("add.hint"), type: "search" })}</form>
    <ul class="plain stack-tight">${found.map((point) => html`<li>${button(namesOf(point), () => add(ctx, point), { kind: "secondary", glyph: "pin", wide: true })}</li>`)}</ul>
    ${name && !found.length ? unknown(ctx, name) : nothing}
  `;
}

/** The places that a text names: the number in the code at their door, or all words of their name or town. */
export function matching({ day }, text) {
  const points = [...day.world.points.values()].filter((point) => point.id !== day.centre.id);
  const gln = /\b(\d{13})\b/.exec(text)?.[1];
  if (gln) return points.filter((point) => point.gln === gln);
  const words = plain(text).split(/\s+/).filter(Boolean);
  return points.filter((point) => words.every((word) => plain(`${point.name} ${point.town}`).includes(word))).slice(0, MOST);
}

async function add(ctx, point) {
  const { t, trip } = ctx;
  const planned = trip.halts.find((halt) => halt.point.id === point.id);
  if (planned) return ctx.go(`#/stop/${planned.stop.id}`);
  await ctx.act(addStopFacts(trip, point.id), t("add.added", { place: point.name }));
  ctx.setDraft({ name: "" });
  ctx.go(`#/stop/added-${trip.route}-${point.id}`);
}

function unknown(ctx, name) {
  const { t, trip } = ctx;
  const tell = async () => {
    await ctx.act(routeNoteFacts(trip, t("add.note", { place: name })), t("note.kept"));
    ctx.setDraft({ name: "" });
    ctx.go("#/");
  };
  return notice(html`<p>${t("add.unknown")}</p>${button(t("add.tell"), tell, { kind: "secondary", glyph: "note" })}`, "attention");
}
