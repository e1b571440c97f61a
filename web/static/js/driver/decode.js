/** A worker that finds a QR in a picture, so that the screen never waits for it. */

import { decodeQR } from "../../vendor/qr/decode.js";

let canvas = null;
let isTurned = false;

function pixels(bitmap) {
  const { width, height } = bitmap;
  if (canvas?.width !== width || canvas.height !== height) canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.setTransform(1, 0, 0, 1, width / 2, height / 2);
  if (isTurned) context.rotate(Math.PI / 4);
  context.drawImage(bitmap, -width / 2, -height / 2);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

self.addEventListener("message", ({ data: picture }) => {
  const began = performance.now();
  let text = null;
  try {
    text = decodeQR(picture instanceof ImageData ? picture : pixels(picture));
  } catch {
    // most pictures hold no code, and that is how the library says so; a label that leans is read best when it lies
    // along the picture, so the next one is looked at aslant
    isTurned = !isTurned;
  }
  self.postMessage({ text, took: performance.now() - began });
});
