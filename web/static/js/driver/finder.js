/** What a camera shows, with its lamp; or why it shows nothing, and a button to try again. */

import { html, nothing, svg } from "../../vendor/lit-html/lit-html.js";

const LAMP = svg`<path d="M7 3h10v4l-2.5 4v10h-5V11L7 7zM7 7h10M12 13.5v2.5"/>`;
const LOOKS = ["on", "starting", "off"];

export function finder(t, camera, then = (act) => act) {
  if (LOOKS.includes(camera.state)) {
    return html`<div class="scan-sight" data-camera=${camera.state}>${camera.video}${camera.hasTorch ? torch(t, camera, then) : nothing}</div>`;
  }
  return html`<div class="scan-blind" data-camera=${camera.state}>
    <p>${t(`scan.camera_${camera.state}`)}</p>
    <button type="button" class="button button-secondary" @click=${then(() => camera.start())}>${t("scan.camera_again")}</button>
  </div>`;
}

const torch = (t, camera, then) =>
  html`<button type="button" class="button button-secondary scan-torch" aria-pressed=${String(camera.isLit)} @click=${then(() => camera.light(!camera.isLit))}>
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${LAMP}</svg>${t("scan.torch")}
  </button>`;
