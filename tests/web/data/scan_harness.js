// The scan page alone, with a day, words and acts that a test gives it; what it records stands in window.acts.
import { html, render } from "/static/vendor/lit-html/lit-html.js";
import { fold } from "/static/js/driver/day.js";
import { formats } from "/static/js/driver/saying.js";
import { t as say, use } from "/static/js/driver/words.js";
import { foot, view } from "/static/js/driver/views/scan.js";

const { bundle, words, move, settings } = await (await fetch("/harness/day.json")).json();
const app = document.getElementById("app");
const acts = { events: [], at: [], isFull: false };
window.acts = acts;

use("en", words);
function t(key, values) {
  if (key.startsWith("scan.") && !(key in words)) throw new Error(`no words for ${key}`);
  return say(key, values);
}

async function record(facts) {
  await null;
  if (acts.isFull) throw new Error("the phone is full");
  for (const fact of facts) {
    const sequence = acts.events.length;
    const id = `00000000-0000-7000-8000-${String(sequence).padStart(12, "0")}`;
    const at = new Date(Date.parse(bundle.made_at) + 1000 * (sequence + 1)).toISOString();
    acts.events.push({ ...fact, id, at, device: "phone", sequence, schema: 2, person: bundle.person.id });
    acts.at.push(performance.now());
  }
  draw();
}

function draw() {
  const day = fold(bundle, acts.events);
  const [trip] = day.trips;
  const halt = move === "load" ? null : trip.halts[0];
  const ctx = { day, trip, halt, move, t, say: formats("en", bundle.config.time_zone), record, settings, status: {} };
  document.body.classList.toggle("left", settings.hand === "left");
  render(html`<div class="main">${view(ctx)}</div><div class="thumb">${foot(ctx)}</div>`, app);
}

window.leave = () => render(html``, app);
window.open_again = draw;
draw();
