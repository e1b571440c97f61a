/**
 * The camera at the back, for as long as the page is in sight. `seen` tells each label once as it comes into view; `state`
 * tells "off", "starting", "on", "refused", "none" or "insecure".
 */

import { Reader } from "./reader.js";
import { Sight } from "./sight.js";

const WANTED = { video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } }, audio: false };
const WHY = { NotAllowedError: "refused", SecurityError: "refused" };

export class Camera extends EventTarget {
  state = "off";
  hasTorch = false;
  isLit = false;
  reader = new Reader();
  video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
  #stream = null;
  #turn = 0;
  #isWanted = false;
  #sight = new Sight();
  #onSight = () => (document.hidden ? this.#release("off") : this.#open());

  start() {
    this.#isWanted = true;
    document.addEventListener("visibilitychange", this.#onSight);
    return this.#open();
  }

  stop() {
    this.#isWanted = false;
    document.removeEventListener("visibilitychange", this.#onSight);
    this.#release("off");
    this.reader.close();
  }

  async light(isLit) {
    const [track] = this.#stream?.getVideoTracks() ?? [];
    try {
      await track?.applyConstraints({ advanced: [{ torch: isLit }] });
      this.isLit = Boolean(track) && isLit;
    } catch (error) {
      console.warn(error);
      this.hasTorch = false;
    }
    this.#tell(this.state);
  }

  async #open() {
    if (!this.#isWanted || this.#stream || document.hidden) return;
    const turn = (this.#turn += 1);
    if (!navigator.mediaDevices?.getUserMedia) return this.#tell(window.isSecureContext ? "none" : "insecure");
    this.#tell("starting");
    try {
      const stream = await navigator.mediaDevices.getUserMedia(WANTED);
      // the page was left, or hidden, while the phone asked for leave
      if (turn !== this.#turn) return stream.getTracks().forEach((track) => track.stop());
      await this.#show(stream);
      if (turn === this.#turn) this.#watch(turn);
    } catch (error) {
      if (turn === this.#turn) this.#release(WHY[error.name] ?? "none");
    }
  }

  async #show(stream) {
    const [track] = stream.getVideoTracks();
    this.#stream = stream;
    // another app took the camera, or it was unplugged
    track.addEventListener("ended", () => this.#stream === stream && this.#release("none"));
    this.hasTorch = Boolean(track.getCapabilities?.().torch);
    this.video.srcObject = stream;
    await this.video.play();
    this.#tell("on");
  }

  /** Read one picture after another: the next is taken when the last is done with, so a slow phone reads fewer. */
  async #watch(turn) {
    while (turn === this.#turn) {
      await this.#nextPicture();
      if (turn !== this.#turn) return;
      try {
        for (const text of await this.reader.read(this.video)) this.#look(text);
      } catch (error) {
        console.warn(error);
        if (turn === this.#turn) this.#release("none");
      }
    }
  }

  #look(text) {
    if (this.#sight.isNew(text, performance.now())) this.dispatchEvent(new CustomEvent("seen", { detail: text }));
  }

  #nextPicture() {
    const { video } = this;
    return new Promise((done) => (video.requestVideoFrameCallback ? video.requestVideoFrameCallback(done) : requestAnimationFrame(done)));
  }

  #release(state) {
    this.#turn += 1;
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.video.srcObject = null;
    this.isLit = false;
    this.hasTorch = false;
    this.#tell(state);
  }

  #tell(state) {
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}
