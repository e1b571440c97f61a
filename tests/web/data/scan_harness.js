// The scan page alone, with a day, words and acts that a test gives it; what it records stands in window.acts.
import { render } from "/static/vendor/lit-html/lit-html.js";
import { fold } from "/static/js/driver/day.js";
import { view } from "/static/js/driver/views/scan.js";

const { bundle, words, move, settings } = await (await fetch("/harness/day.json")).json();
const app = document.getElementById("app");
const acts = { events: [], at: [], isFull: false };
window.acts = acts;

function t(key, values = {}) {
  const said = words[key];
  if (said === undefined) throw new Error(`no words for ${key}`);
  const text = (values.n === 1 && said.one) || said.other;
  return text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
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
  render(view({ day, trip, halt, move, t, record, settings, status: {} }), app);
}

window.leave = () => render("", app);
window.open_again = draw;
draw();
