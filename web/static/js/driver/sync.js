/** Fetching the day: what the phone keeps until the evening, and what changed since it was fetched last. */

import { signIn } from "./authors.js";
import * as clock from "./clock.js";
import { carried, dayIn, differences } from "./day.js";
import { day, events, keepDay, meta, today } from "./store.js";

const DAY = "day.json";
const CALL_MS = 20_000;
const PLACES = "places"; // the service worker answers with what is there

/** Ask for the day; return it as kept, or null where no answer of ours came. `refused` is "signedOut" or "notDriver". */
export async function fetchDay() {
  const answered = await ask();
  if (!answered.bundle) return answered;
  const { bundle } = answered;
  const before = await day(bundle.person.id);
  const kept = carried(before, bundle, await begun(), dayIn(bundle.config.time_zone)(bundle.made_at));
  await keepDay(kept, told(before, kept));
  signIn(bundle).catch((error) => console.warn(error));
  keepPictures(kept).catch((error) => console.warn(error));
  return { bundle: kept, changes: await meta("changes") };
}

/** Keep the pictures of the day's loading places beside the app, and no others. */
async function keepPictures(bundle) {
  if (!globalThis.caches) return;
  const wanted = new Set(bundle.trips.flatMap((trip) => trip.stops.map((stop) => stop.point.photo)).filter(Boolean));
  const places = await caches.open(PLACES);
  for (const { url } of await places.keys()) {
    const address = new URL(url).pathname;
    if (!wanted.delete(address)) await places.delete(url);
  }
  await Promise.all([...wanted].map((address) => keepPicture(places, address)));
}

/** Forget the pictures of the day's loading places; a browser without a cache has none. */
export const forgetPictures = async () => globalThis.caches?.delete(PLACES);

async function keepPicture(places, address) {
  const answer = await fetch(address, { redirect: "error" });
  // a network that wants a sign-in first answers anything with its own page, and what is kept is not asked for again
  if (answer.ok && answer.headers.get("Content-Type")?.startsWith("image/")) await places.put(address, answer);
}

const told = (before, kept) => (today(before ?? { trips: [] }) === today(kept) ? differences(before, kept).map((change) => ({ ...change, day: today(kept) })) : []);

async function ask() {
  try {
    const sentAt = performance.now();
    const answer = await fetch(DAY, { redirect: "manual", cache: "no-store", headers: { Accept: "application/json" }, signal: AbortSignal.timeout(CALL_MS) });
    clock.set(answer.headers.get("X-Server-Time"), sentAt, performance.now());
    if (answer.type === "opaqueredirect" || answer.status === 401) return { bundle: null, refused: "signedOut" };
    if (answer.status === 403) return { bundle: null, refused: "notDriver" };
    const bundle = await answer.json();
    return { bundle: bundle?.version === 1 && bundle.person && bundle.trips ? bundle : null };
  } catch (error) {
    console.warn(error); // no network, or no answer of ours: the day that is kept stands
    return { bundle: null };
  }
}

/** Return what tells the stops at which this phone did something. */
async function begun() {
  const own = (await events()).map((row) => row.event);
  const visits = new Set(own.map((event) => `${event.task}/${event.plan_version}`));
  return (stop) => stop.tasks.some((task) => visits.has(`${task.id}/${stop.plan}`));
}
