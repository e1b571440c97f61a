/**
 * A pad to sign on. What is drawn is a list of strokes, each a list of points, so that it can be kept as a draft on each stroke.
 */

import { written } from "./photo.js";

export const WIDTH = 600;
export const HEIGHT = 240;
const DOT = 0.01; // a tap leaves a dot

let stroke = null; // under the finger now, whatever is rendered meanwhile

/** Show strokes on a pad. */
export function paint(canvas, strokes) {
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  Object.assign(pen, { lineWidth: 3, lineCap: "round", lineJoin: "round", strokeStyle: "#000" });
  for (const [[x, y], ...rest] of strokes) {
    pen.beginPath();
    pen.moveTo(x, y);
    for (const point of rest.length ? rest : [[x + DOT, y]]) pen.lineTo(...point);
    pen.stroke();
  }
}

/** Return what a pad does with a finger, a pen or a mouse; `strokes()` are those drawn so far, `drawn(strokes)` is told of each new one. */
export function hand(strokes, drawn) {
  const at = ({ offsetX, offsetY, target }) => [Math.round((offsetX * WIDTH) / target.clientWidth), Math.round((offsetY * HEIGHT) / target.clientHeight)];
  const show = (event) => paint(event.target, [...strokes(), stroke]);
  return {
    begin(event) {
      event.target.setPointerCapture(event.pointerId);
      stroke = [at(event)];
      show(event);
    },
    go(event) {
      if (!stroke) return;
      stroke.push(at(event));
      show(event);
    },
    end() {
      if (!stroke) return;
      const whole = [...strokes(), stroke];
      stroke = null;
      drawn(whole);
    },
  };
}

/** Return a signature as the picture of an event; null when nothing was drawn. */
export async function picture(strokes) {
  if (strokes.length === 0) return null;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: WIDTH, height: HEIGHT });
  paint(canvas, strokes);
  return written(canvas, "image/png");
}
