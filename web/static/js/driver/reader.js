/** Reads codes in a video: by the phone's own detector where it works, else by the worker. Gives texts, often none. */

/** Longest side of the picture that the worker gets, in pixels; the second where the phone is slow. */
export const SIDES = [640, 480];
const SLOW_MS = 120;

async function native() {
  try {
    const formats = await globalThis.BarcodeDetector?.getSupportedFormats();
    return formats?.includes("qr_code") ? new BarcodeDetector({ formats: ["qr_code"] }) : null;
  } catch {
    return null; // some phones have the name and nothing behind it
  }
}

function shrunk(video, side) {
  const scale = Math.min(1, side / Math.max(video.videoWidth, video.videoHeight));
  return { width: Math.round(video.videoWidth * scale), height: Math.round(video.videoHeight * scale) };
}

async function picture(video, side) {
  const { width, height } = shrunk(video, side);
  if (typeof OffscreenCanvas !== "undefined") return createImageBitmap(video, { resizeWidth: width, resizeHeight: height });
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(video, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

export class Reader {
  /** Milliseconds the last picture took, and how the codes are read: "native" or "worker". */
  took = 0;
  by = "";
  #detector;
  #worker = null;
  #side = SIDES[0];

  /** Return the texts of the codes in the video's present picture; one call at a time. */
  async read(video) {
    if (this.#detector === undefined) this.#detector = await native();
    if (!this.#detector) return this.#byWorker(video);
    try {
      this.by = "native";
      return (await this.#detector.detect(video)).map((code) => code.rawValue);
    } catch (error) {
      console.warn(error);
      this.#detector = null;
      return [];
    }
  }

  close() {
    this.#worker?.terminate();
    this.#worker = null;
  }

  async #byWorker(video) {
    this.by = "worker";
    const worker = (this.#worker ??= new Worker(new URL("./decode.js", import.meta.url), { type: "module" }));
    const image = await picture(video, this.#side);
    const answer = new Promise((done, fail) => {
      worker.onmessage = ({ data }) => done(data);
      worker.onerror = () => {
        this.close();
        fail(new Error("the decoder could not be started"));
      };
    });
    worker.postMessage(image, "close" in image ? [image] : [image.data.buffer]);
    const { text, took } = await answer;
    this.took = this.took ? 0.8 * this.took + 0.2 * took : took;
    if (this.took > SLOW_MS) this.#side = SIDES[1];
    return text ? [text] : [];
  }
}
