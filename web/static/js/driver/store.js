/**
 * What the phone keeps: the day of each person, the events it made, their photos, and small facts about itself.
 *
 * A write is on the disk before it resolves: a phone that dies the next moment has lost nothing it said was kept.
 * An event stays until the server holds it and a day fetched later tells it back.
 */

import { openDB } from "../../vendor/idb/idb.js";

export const NAME = "bouteilles";
const VERSION = 1;
const STRICT = { durability: "strict" };
const LONGEST_MS = 3 * 86_400_000; // what the server held that long ago is told by no day any more
const FULL = "queue.storage.full";
const NONE = "queue.storage.none";
const UNSURE = "queue.storage.unsure";

// Each step adds to what is there; none may throw away or rewrite an event that still waits.
const STEPS = [
  (db) => {
    db.createObjectStore("meta");
    db.createObjectStore("days", { keyPath: "person.id" });
    db.createObjectStore("events", { keyPath: "id" });
    db.createObjectStore("photos", { keyPath: "event" });
  },
];

let opened = null;
let trouble = null;

/** Open the database; other calls do it themselves. */
export function open() {
  opened ??= openDB(NAME, VERSION, {
    upgrade: (db, from) => STEPS.slice(from).forEach((step) => step(db)),
    // a newer version of the app, in another tab, brings its own step: this one must let go first
    blocking: async () => {
      const db = await opened;
      opened = null;
      db.close();
    },
    terminated: () => {
      opened = null;
    },
  }).catch((error) => {
    opened = null;
    trouble = NONE;
    throw error;
  });
  return opened;
}

/** Change some stores in one transaction, durable when this resolves; `change(transaction)` awaits nothing but the stores. */
export async function write(stores, change) {
  const db = await open();
  const transaction = db.transaction(stores, "readwrite", STRICT);
  try {
    const [made] = await Promise.all([change(transaction), transaction.done]);
    // a small fact may find room where the next act with its photo does not
    if (trouble === FULL && stores.includes("photos")) trouble = null;
    return made;
  } catch (error) {
    // the transaction says why it failed; what `change` saw may only be that it had failed
    const why = transaction.error ?? error;
    abandon(transaction);
    if (why?.name === "QuotaExceededError") trouble = FULL;
    throw why;
  }
}

function abandon(transaction) {
  try {
    transaction.abort();
  } catch (error) {
    if (error.name !== "InvalidStateError") throw error; // over already: nothing to abandon
  }
}

/** Return a fact about this phone. */
export async function meta(key) {
  return (await open()).get("meta", key);
}

/** Keep a fact about this phone. */
export function setMeta(key, value) {
  return write(["meta"], (t) => t.objectStore("meta").put(value, key));
}

/** Return the day kept for a person, by default whoever used the phone last. */
export async function day(person) {
  const id = person ?? (await meta("person"));
  return id === undefined ? undefined : (await open()).get("days", id);
}

/** Return the day that a bundle is for; "" where there is nothing to drive. */
export const today = (bundle) => bundle.trips[0]?.day ?? "";

/** Keep a fetched day with what it changed, make its person the one who uses the phone, let go of the events it tells back.
 *
 *  All at once: what is said to have been seen meanwhile does not come back, and no change is lost with a phone that dies. */
export function keepDay(bundle, changes = []) {
  const told = new Set(bundle.events.map((event) => event.id));
  const early = new Date(Date.parse(bundle.made_at) - LONGEST_MS).toISOString();
  return write(["meta", "days", "events"], async (t) => {
    const rows = t.objectStore("events");
    const held = (await rows.getAll()).filter((row) => row.state === "sent" && (told.has(row.id) || row.event.at < early));
    const facts = t.objectStore("meta");
    const unseen = ((await facts.get("changes")) ?? []).filter((change) => change.day === today(bundle));
    const known = [facts.put(bundle.person.id, "person"), facts.put([...unseen, ...changes], "changes")];
    await Promise.all([...known, t.objectStore("days").put(bundle), ...held.map((row) => rows.delete(row.id))]);
  });
}

/** Let go of changes that were seen, and return those that came since. */
export function letGo(seen) {
  const known = new Set(seen.map((change) => JSON.stringify(change)));
  return write(["meta"], async (t) => {
    const facts = t.objectStore("meta");
    const left = ((await facts.get("changes")) ?? []).filter((change) => !known.has(JSON.stringify(change)));
    await facts.put(left, "changes");
    return left;
  });
}

/** Return all that a start of the app shows, as it was at one moment: the day, the event rows, what was chosen and typed. */
export async function kept() {
  const t = (await open()).transaction(["meta", "days", "events"]);
  const known = t.objectStore("meta");
  const person = await known.get("person");
  const facts = ["changes", "drafts", "settings", "place"].map(async (key) => [key, await known.get(key)]);
  const [bundle, rows] = await Promise.all([person === undefined ? undefined : t.objectStore("days").get(person), t.objectStore("events").getAll(), ...facts]);
  return { bundle, rows: rows.sort(inOrder), ...Object.fromEntries(await Promise.all(facts)) };
}

/** Return every event row in the order it was made. */
export async function events() {
  return (await (await open()).getAll("events")).sort(inOrder);
}

/** Return every photo that still waits. */
export async function photos() {
  return (await open()).getAll("photos");
}

/** Order event rows as they were made. */
export function inOrder(one, other) {
  return one.sequence - other.sequence || (one.id < other.id ? -1 : 1);
}

/** Ask once that the browser never clears this by itself, and keep its answer: true, false, or null where it cannot say. */
export async function persist() {
  const known = await meta("persisted");
  if (known === true) return known;
  const answer = (await (known === undefined ? navigator.storage?.persist?.() : navigator.storage?.persisted?.())) ?? null;
  if (answer !== known) await setMeta("persisted", answer);
  return answer;
}

/** Return the key of what to warn of before a route starts, or null: no storage, storage full, or storage that may be cleared. */
export async function warning() {
  if (trouble) return trouble;
  try {
    const persisted = await meta("persisted");
    const { usage = 0, quota = Infinity } = (await navigator.storage?.estimate?.()) ?? {};
    if (quota - usage < 20_000_000) return FULL;
    return persisted === true ? null : UNSURE;
  } catch (error) {
    console.warn(error);
    return NONE;
  }
}
