/** The components of templates/_macros.html that the app uses, with the same classes. Words come in already translated. */

import { html, nothing, svg } from "../../vendor/lit-html/lit-html.js";
import { PATHS } from "./icons.js";

export const icon = (name) => html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${PATHS[name]}</svg>`;

const SHAPES = {
  check: svg`<path d="m2.5 8.5 3.5 3.5 7.5-8" />`,
  cross: svg`<path d="m3.5 3.5 9 9M12.5 3.5l-9 9" />`,
  half: svg`<circle cx="8" cy="8" r="6" /><path class="fill" d="M8 2a6 6 0 0 1 0 12z" />`,
  arrow: svg`<path d="M2 8h11M8.5 3.5 13 8l-4.5 4.5" />`,
  ring: svg`<circle cx="8" cy="8" r="6" />`,
};

/** The badge of each state of a stop: tone and shape. */
const STATES = { to_come: ["quiet", "ring"], reached: ["info", "arrow"], done: ["done", "check"], partly: ["attention", "half"], missed: ["problem", "cross"] };

export function stateBadge(t, state) {
  const [tone, shape] = STATES[state];
  return html`<span class="badge badge-${tone}"><svg viewBox="0 0 16 16" aria-hidden="true">${SHAPES[shape]}</svg>${t(`state.${state}`)}</span>`;
}

const classOf = (kind, { wide, main }) => `button button-${kind}${wide ? " button-wide" : ""}${main ? " main-act" : ""}`;

/** A button; a link where `act` is an address. */
export function button(label, act, { kind = "primary", glyph = "", ...more } = {}) {
  const face = html`${glyph ? icon(glyph) : nothing}${label}`;
  if (typeof act === "string") return html`<a class=${classOf(kind, more)} href=${act} rel=${more.away ? "noreferrer" : nothing}>${face}</a>`;
  return html`<button type="button" class=${classOf(kind, more)} @click=${act}>${face}</button>`;
}

export const tile = (label, href, { note = "", glyph = "" } = {}) =>
  html`<a class="tile" href=${href}>${glyph ? icon(glyph) : nothing}<span><b>${label}</b>${note ? html`<small>${note}</small>` : nothing}</span></a>`;

const NOTICE = { done: "check", attention: "warning", problem: "warning" };
export const notice = (content, tone = "quiet") =>
  html`<div class="notice notice-${tone}">${icon(NOTICE[tone] ?? "note")}<div>${typeof content === "string" ? html`<p>${content}</p>` : content}</div></div>`;

export const section = (title, content, { tally = "" } = {}) =>
  html`<section class="section"><div class="section-head"><h2>${title}</h2>${tally ? html`<span class="tally">${tally}</span>` : nothing}</div>${content}</section>`;

export const card = (title, content, { kind = "", href = "", badge = nothing, level = 3 } = {}) => {
  const name = href ? html`<a href=${href}>${title}</a>` : title;
  const head = level === 2 ? html`<h2>${name}</h2>` : html`<h3>${name}</h3>`;
  return html`<article class="card${kind ? ` card-${kind}` : ""}"><div class="card-title">${head}${badge}</div>${content}</article>`;
};

export const more = (label, content) => html`<details class="more"><summary>${icon("next")}${label}</summary>${content}</details>`;

export const empty = (title, text, glyph, action = nothing, { level = 2 } = {}) =>
  html`<div class="empty">${icon(glyph)}${level === 1 ? html`<h1>${title}</h1>` : html`<h2>${title}</h2>`}<p>${text}</p>${action}</div>`;

export const pageHead = (title, { lead = "", back = null, aside = nothing } = {}) =>
  html`<div class="page-head">
    ${back ? html`<a class="back" href=${back[1]}>${icon("back")}${back[0]}</a>` : nothing}
    <div class="page-head-line">
      <div class="page-head-words">
        <h1>${title}</h1>
        ${lead ? html`<p class="lead">${lead}</p>` : nothing}
      </div>
      ${aside === nothing ? nothing : html`<div class="actions">${aside}</div>`}
    </div>
  </div>`;

/** Bring what is asked back into sight: who scrolled on would see nothing happen. */
export const showAlert = () => document.querySelector("#main [role=alert]")?.scrollIntoView({ block: "center" });

/** What stays at the thumb: the problem at the far side, the main act at the thumb. */
export const thumb = (t, ...buttons) => html`<section class="thumb-actions" aria-label=${t("ui.actions")}>${buttons}</section>`;

const within = (text, most) => Math.min(most, Math.max(0, Math.trunc(Number(text)) || 0));

/** One line of a list of counts: the label left, the stepper right. */
export function counter(t, id, label, value, change, { note = "", most = 400, error = "", spoken = label } = {}) {
  const step = (by) => () => change(within(value + by, most));
  const name = (key) => t(key, { label: spoken });
  return html`<div class="counter-row">
    <label for=${id}>${label} ${note ? html`<span class="small muted">${note}</span>` : nothing}</label>
    <span class="stepper stepper-big">
      <button type="button" aria-label=${name("ui.less")} @click=${step(-1)}>${icon("minus")}</button>
      <input class="input input-number" id=${id} type="number" inputmode="numeric" min="0" max=${most} step="1" .value=${String(value)}
        aria-describedby=${error ? `${id}-error` : nothing} @change=${(event) => change(within(event.target.value, most))} @focus=${(event) => event.target.select()} />
      <button type="button" aria-label=${name("ui.more")} @click=${step(1)}>${icon("plus")}</button>
    </span>
    ${error ? html`<span class="field-error" id="${id}-error">${icon("warning")}<span>${error}</span></span>` : nothing}
  </div>`;
}

export const check = (id, label, checked, change, note = nothing) =>
  html`<div class="form-field"><div class="check">
    <input type="checkbox" id=${id} .checked=${checked} @change=${(event) => change(event.target.checked)} />
    <label for=${id}>${label}${note === nothing ? nothing : html`<small>${note}</small>`}</label>
  </div></div>`;

/** A choice of one; `choices` is a list of [value, label]. */
export const radios = (name, legend, choices, value, change) =>
  html`<fieldset class="form-field"><legend>${legend}</legend><div class="choices">
    ${choices.map(([key, label]) => html`<div class="choice">
      <input type="radio" id="${name}-${key}" name=${name} value=${key} .checked=${key === value} @change=${() => change(key)} />
      <label for="${name}-${key}">${label}</label>
    </div>`)}
  </div></fieldset>`;

export const area = (id, label, value, change, { hint = "", error = "" } = {}) =>
  html`<div class="form-field">
    <label for=${id}>${label}</label>${hint ? html`<span class="hint" id="${id}-hint">${hint}</span>` : nothing}
    <textarea class="input" id=${id} rows="3" maxlength="2000" .value=${value} aria-describedby=${hint ? `${id}-hint` : nothing}
      aria-invalid=${error ? "true" : nothing} @input=${(event) => change(event.target.value)}></textarea>
    ${error ? html`<span class="field-error" role="alert">${icon("warning")}<span>${error}</span></span>` : nothing}
  </div>`;

export const field = (id, label, value, change, { type = "text", hint = "" } = {}) =>
  html`<div class="form-field">
    <label for=${id}>${label}</label>${hint ? html`<span class="hint">${hint}</span>` : nothing}
    <input class="input" id=${id} type=${type} .value=${value} autocomplete="off" @input=${(event) => change(event.target.value)} />
  </div>`;

export const facts = (rows) =>
  html`<dl class="facts">${rows.filter(([, value]) => value !== "" && value != null).map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;

export const quantity = (number, unit, kind = "", big = false) =>
  html`<span class="quantity${big ? " quantity-big" : ""}"><b>${number}</b> <span class="unit">${unit}</span>${kind ? html` <span class="kind">${kind}</span>` : nothing}</span>`;

export const progress = (t, done, total) =>
  html`<section class="day-progress" aria-label=${t("ui.progress")}>
    <progress class="thin" value=${done} max=${total || 1} aria-label=${t("ui.stops_done")}></progress>
    <p>${t("ui.done_of", { done, total })}</p>
  </section>`;
