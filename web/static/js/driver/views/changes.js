/** What a plan made anew changed, in words, until the driver says that they saw it. */

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { button, icon, more } from "../ui.js";

const SHOWN = 5; // the first of them, and the way to the stops below stays in sight

export function differences(ctx) {
  const { t, changes, markSeen } = ctx;
  if (!changes.length) return nothing;
  return html`<section class="notice notice-attention changes" aria-label=${t("changes.title")}>
    ${icon("warning")}
    <div>
      <h2>${t("changes.title")}</h2>
      ${list(ctx, changes.slice(0, SHOWN))}
      ${changes.length > SHOWN ? more(t("changes.more", { n: changes.length - SHOWN }), list(ctx, changes.slice(SHOWN))) : nothing}
      <p>${t("changes.kept")}</p>
      ${button(t("changes.seen"), markSeen, { kind: "secondary", glyph: "check" })}
    </div>
  </section>`;
}

const list = (ctx, changes) => html`<ul>${changes.map((change) => html`<li>${words(ctx, change)}</li>`)}</ul>`;

function words({ t, say, day }, change) {
  const { kind, name, at, was, now, move, item, vehicle } = change;
  const what = () => day.items.find((each) => each.id === item)?.name ?? item;
  switch (kind) {
    case "added":
    case "fewer":
      return t(`changes.${kind}`, { place: name, clock: say.clock(at) });
    case "moved":
      return t("changes.moved", { place: name, was: say.clock(was), clock: say.clock(at) });
    case "amount":
      return t(`changes.${move}`, { place: name, item: what(), was: say.number(was), n: say.number(now) });
    case "route":
      return t("changes.route", { vehicle, clock: say.clock(at) });
    default:
      return t(`changes.${kind}`, { place: name });
  }
}
