/** Scanning: camera above, the last result under it in one line, the count in very large digits, one field for any code. */

import { html, nothing, render } from "../../../vendor/lit-html/lit-html.js";
import { sing, wake } from "../../tones.js";
import { Bench } from "../bench.js";
import { Camera } from "../camera.js";
import { byEye } from "../codes.js";
import { finder } from "../finder.js";
import { button, icon, thumb } from "../ui.js";

const LAST = 10;
/** A character: nobody types as fast as a keyboard scanner does. */
const FAST_MS = 30;

const SHAPES = { known: "check", repeated: "repeat", unexpected: "warning", unknown: "cross", undone: "undo" };

class Scan extends HTMLElement {
  camera = new Camera();
  bench = new Bench(
    () => this.draw(),
    (kind) => this.bench.now.settings.tone !== false && sing(kind),
  );
  #turn = 0;
  #began = null;
  #isTyped = false; // what stands in the field, by a finger that is on a button by now

  set ctx(ctx) {
    this.bench.ctx = ctx;
    if (this.isConnected) this.draw();
  }

  connectedCallback() {
    this.camera.addEventListener("seen", this);
    this.camera.addEventListener("state", this);
    document.addEventListener("keydown", this);
    this.addEventListener("pointerdown", wake);
    wake();
    this.draw();
    this.camera.start();
    this.focusField();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this);
    this.camera.removeEventListener("state", this);
    this.camera.removeEventListener("seen", this);
    this.camera.stop();
  }

  handleEvent(event) {
    if (event.type === "seen") this.bench.take(event.detail, "camera");
    if (event.type === "state") this.draw();
    if (event.type === "keydown") this.#onKey(event);
  }

  get field() {
    return this.querySelector("input");
  }

  focusField() {
    this.field?.focus({ preventScroll: true });
  }

  // A scanner types wherever the focus is: a button that was tapped must not be pressed again by its Enter.
  #onKey(event) {
    const isText = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isText && !event.target.closest?.("input, textarea, select, dialog")) this.focusField();
    this.#began ??= isText ? event.timeStamp : null;
  }

  #onSubmit(event) {
    event.preventDefault();
    wake();
    const text = this.field.value.trim();
    const took = event.timeStamp - (this.#began ?? event.timeStamp);
    const isTyped = this.field.inputMode === "text" || this.#isTyped;
    this.field.value = "";
    this.#isTyped = false;
    this.#began = null;
    this.focusField();
    if (text) this.bench.take(text, !isTyped && took < FAST_MS * text.length ? "scanner" : "hand");
  }

  // The phone's keyboard comes up for a finger on the field, and not for the focus that a scanner needs.
  #onTouch() {
    this.field.inputMode = "text";
  }

  #onLeave() {
    this.#isTyped = this.field.inputMode === "text" && this.field.value !== "";
    this.field.inputMode = "none";
  }

  #do(act) {
    return async () => {
      await act();
      this.focusField();
    };
  }

  draw() {
    const { now, count, asked, last } = this.bench;
    const { t, halt, move, settings } = now;
    this.#turn += 1;
    render(
      html`<div class="scan-app ${settings.hand}">
        <h1>${t(`scan.title_${move}`)}${halt ? html` <small>${halt.point.name}</small>` : nothing}</h1>
        ${finder(t, this.camera, (act) => this.#do(act))} ${this.#result(last, t)}
        <p class="scan-count"><b>${count}</b> <span class="of">${asked ? t("scan.of", { n: asked }) : nothing} ${t("scan.crates", { n: asked || count })}</span></p>
        ${this.#form(t)} ${this.#list(t)}
      </div>`,
      this,
    );
  }

  #result(last, t) {
    const words = last ? t(last.key, last.values) : t("scan.nothing");
    // the same sentence is read out again only if it is another text
    const again = this.#turn % 2 ? "" : "\u00a0";
    const scan = last?.of && this.bench.standing.find((one) => one.code === last.of && one.mine);
    return html`<div class="scan-last ${last?.kind ?? ""}">
      ${icon(SHAPES[last?.kind] ?? "scan")}
      <p role="status"><strong>${words}${again}</strong> ${last ? html`<span class="code">${last.code}</span>` : nothing}</p>
      ${scan ? this.#undo(scan, t) : nothing}
      ${last?.offer ? html`<button type="button" class="button button-secondary" @click=${this.#do(() => this.bench.park(last.offer))}>${t("scan.keep")}</button>` : nothing}
    </div>`;
  }

  #form(t) {
    return html`<form class="stack-tight" autocomplete="off" @submit=${(event) => this.#onSubmit(event)}>
      <label for="code">${t("scan.field")}</label>
      <div class="scan-form">
        <input class="input code" id="code" type="text" inputmode="none" enterkeyhint="send" autocapitalize="characters" autocorrect="off" spellcheck="false" aria-describedby="code-hint"
          @pointerdown=${() => this.#onTouch()} @blur=${() => this.#onLeave()} />
        <button type="submit" class="button button-primary">${icon("scan")}${t("scan.add")}</button>
      </div>
      <p class="hint" id="code-hint">${t("scan.hint")}</p>
    </form>`;
  }

  #list(t) {
    const entries = this.bench.scans.slice(0, LAST);
    if (!entries.length) return nothing;
    return html`<details class="more">
      <summary>${icon("next")}${t("scan.last_scans")}</summary>
      <ul class="scan-list">${entries.map((scan) => this.#entry(scan, t))}</ul>
    </details>`;
  }

  #entry(scan, t) {
    const words = scan.undone ? t("scan.taken_back") : t(`scan.${scan.kind}_short`);
    return html`<li>
      ${icon(SHAPES[scan.undone ? "undone" : scan.kind])}
      <span class="scan-what ${scan.undone ? "undone" : ""}"><span class="code">${byEye(scan.label)}</span><small>${words} · ${this.bench.now.say.clock(scan.at)}</small></span>
      ${scan.mine && !scan.undone ? this.#undo(scan, t) : nothing}
    </li>`;
  }

  #undo(scan, t) {
    const name = t("scan.undo_code", { code: byEye(scan.label) });
    return html`<button type="button" class="button button-quiet" aria-label=${name} @click=${this.#do(() => this.bench.undo(scan))}>${icon("undo")}${t("scan.undo")}</button>`;
  }
}

customElements.define("driver-scan", Scan);

export const view = (ctx) => html`<driver-scan .ctx=${ctx}></driver-scan>`;

export function foot({ t, halt }) {
  const here = halt ? `#/stop/${halt.stop.id}` : "#/load";
  const problem = halt ? button(t("scan.problem"), `${here}/problem`, { kind: "danger-quiet" }) : nothing;
  return thumb(t, problem, button(t("scan.finish"), here, { glyph: "check", main: true }));
}
