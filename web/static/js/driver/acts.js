/**
 * The one maker of events. What `record` resolved is on the disk, with a number that no other event of this phone has.
 */

import { uuid7 } from "../ids.js";
import * as clock from "./clock.js";
import { count, look, soon } from "./queue.js";
import { write } from "./store.js";

const SCHEMA = 2;

/**
 * Keep what was done, all of it or nothing, and send it when there is a network.
 *
 * @param facts a list of {kind, ...}, in the order it was done
 * @param photos the picture of a fact by its place in the list: {place: {bytes: ArrayBuffer, type, sha256}}
 * @returns the rows made, each with its event
 */
export async function record(facts, { photos = {} } = {}) {
  try {
    const rows = await write(["meta", "events", "photos"], (t) => make(t, facts, photos));
    count(rows.length, Object.keys(photos).length);
    soon();
    return rows;
  } catch (error) {
    look(); // the state line warns of a full phone
    throw error;
  }
}

async function make(t, facts, photos) {
  const known = t.objectStore("meta");
  const [author, authors = {}, next = 0, last = ""] = await Promise.all(
    ["person", "authors", "sequence", "last_at"].map((key) => known.get(key)),
  );
  if (author === undefined) throw new Error("nobody has signed in on this phone yet");
  // an act is never earlier than the one before it: ISO texts of one form compare as times do
  const at = clock.now() > last ? clock.now() : last;
  const common = { at, device: authors[author]?.device ?? "", schema: SCHEMA };
  const rows = facts.map((fact, place) => {
    const event = { ...fact, id: uuid7(Date.parse(at)), sequence: next + place, ...common };
    return { id: event.id, author, sequence: event.sequence, event, body: null, state: "waiting", receipt: null, sentence: null };
  });
  await Promise.all([
    // async, so that what cannot be stored at all fails as the others do
    ...rows.map(async (row) => t.objectStore("events").add(row)),
    ...Object.entries(photos).map(async ([place, photo]) => t.objectStore("photos").add({ ...photo, event: rows[place].id, author })),
    known.put(next + rows.length, "sequence"),
    known.put(at, "last_at"),
    known.put(clock.state(), "clock"),
  ]);
  return rows;
}
