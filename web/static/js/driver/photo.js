/**
 * A photo as it is kept and sent: at most 1,600 pixels, upright, drawn anew, so that nothing of place or camera leaves the phone.
 */

export const LONGEST = 1600;
const QUALITY = 0.8;

/** Make a photo small, and name it; rejects when the file is no picture that this browser can read. */
export async function take(file) {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  const pen = canvas.getContext("2d");
  // a JPEG has no transparency: what was none is paper
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return written(canvas, "image/jpeg");
}

/** Return what a canvas shows as the picture of an event: its bytes, their type, and the name the event has for them. */
export async function written(canvas, type) {
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, type, QUALITY));
  if (!blob) throw new Error(`this browser writes no ${type}`);
  const bytes = await blob.arrayBuffer();
  return { bytes, type: blob.type, sha256: await nameOf(bytes) };
}

async function nameOf(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
