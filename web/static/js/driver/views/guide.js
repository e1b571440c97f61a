/** Which bottles are taken, and why the others are not. */

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { icon, pageHead, section } from "../ui.js";

export function view({ t, day }) {
  const taken = day.guide.filter((type) => type.accepted);
  const refused = day.guide.filter((type) => !type.accepted);
  const row = (type) => html`<li class="guide-row">
    ${icon(type.accepted ? "check" : "cross")}
    ${type.outline ? html`<svg class="guide-bottle" viewBox=${day.outlines} aria-hidden="true"><path d=${type.outline} /></svg>` : nothing}
    <span><b>${type.name}</b>${type.why ? html`<small>${type.why}</small>` : nothing}</span>
  </li>`;
  return html`
    ${pageHead(t("guide.title"), { back: [t("home.title"), "#/"] })}
    ${section(t("guide.taken"), html`<ul class="plain guide-taken">${taken.map(row)}</ul>`)} ${section(t("guide.refused"), html`<ul class="plain guide-refused">${refused.map(row)}</ul>`)}
  `;
}
