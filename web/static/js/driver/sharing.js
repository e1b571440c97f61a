/** The one sharing of this phone's position, with what it needs: the phone's satellites, clock and store, and its author's token. */

import { ask } from "./asking.js";
import { tokenOf } from "./authors.js";
import * as clock from "./clock.js";
import { sharing } from "./position.js";
import { meta, setMeta, write } from "./store.js";

const TIMEOUT_MS = 20_000;
const KEY = "positions";
const SEEN = "positions_seen";
const MOST_SEEN = 200;

/** Change the list that waits; it is its author's, and goes when another driver takes the phone. */
function change(make) {
  return write(["meta"], async (t) => {
    const known = t.objectStore("meta");
    const [person, kept] = await Promise.all([known.get("person"), known.get(KEY)]);
    const list = make(kept?.person === person ? kept.list : []);
    await known.put({ person, list }, KEY);
    return list;
  });
}

async function send(list) {
  const author = (await meta("authors"))?.[await meta("person")];
  const token = tokenOf(author, author?.device);
  if (!token) return false;
  const answer = await ask("/api/v1/positions", { method: "POST", body: JSON.stringify(list), type: "application/json", token, timeout: TIMEOUT_MS });
  if (answer.json?.kept === list.length) await remember((known) => [...known, ...list]);
  // a list that is refused is no better the next time
  return Number.isInteger(answer.json?.kept) || (answer.isOurs && [400, 413].includes(answer.status));
}

async function remember(make) {
  const person = await meta("person");
  const known = await meta(SEEN);
  const list = [...make(known?.person === person ? known.list : [])].sort((a, b) => Date.parse(a.at) - Date.parse(b.at)).slice(-MOST_SEEN);
  await setMeta(SEEN, { person, list });
  return list;
}

/** Return where the office saw this driver: as the server tells it, or else as this phone remembers. */
export async function seen() {
  try {
    const answer = await fetch("positions", { redirect: "manual", cache: "no-store", headers: { Accept: "application/json" }, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const told = answer.ok ? await answer.json() : null;
    if (Array.isArray(told)) return { list: await remember(() => told), isFresh: true };
  } catch (error) {
    console.warn(error); // no network, or no answer of ours
  }
  return { list: await remember((known) => known), isFresh: false };
}

const one = sharing({ locator: navigator.geolocation, now: clock.now, change, send });

export const follow = one.follow;
export const status = one.status;
