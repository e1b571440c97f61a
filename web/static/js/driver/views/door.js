/** A camera that looks for the code at a place's door; `seen` tells each text as it comes into view. */

import { html, render } from "../../../vendor/lit-html/lit-html.js";
import { sing, wake } from "../../tones.js";
import { Camera } from "../camera.js";
import { finder } from "../finder.js";

class Door extends HTMLElement {
  camera = new Camera();
  #ctx = null;
  #isBusy = false;

  set ctx(ctx) {
    this.#ctx = ctx;
    if (this.isConnected) this.draw();
  }

  connectedCallback() {
    this.camera.addEventListener("seen", this);
    this.camera.addEventListener("state", this);
    wake();
    this.draw();
    this.camera.start();
  }

  disconnectedCallback() {
    this.camera.removeEventListener("state", this);
    this.camera.removeEventListener("seen", this);
    this.camera.stop();
  }

  async handleEvent(event) {
    if (event.type === "state") return this.draw();
    if (this.#isBusy) return;
    // two codes in one picture must not add two stops
    this.#isBusy = true;
    this.#isBusy = await this.#ctx.seen(event.detail, this.#sing);
  }

  #sing = (kind) => this.#ctx.settings.tone !== false && sing(kind);

  draw() {
    render(finder(this.#ctx.t, this.camera), this);
  }
}

customElements.define("driver-door", Door);

export const door = (ctx) => html`<driver-door .ctx=${ctx}></driver-door>`;
