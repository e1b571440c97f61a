/** The one sharing of this phone's position, with what it needs: the phone's satellites, clock and store, and its author's token. */

import { ask } from "./asking.js";
import { tokenOf } from "./authors.js";
import * as clock from "./clock.js";
import { sharing } from "./position.js";
import { meta, write } from "./store.js";

const TIMEOUT_MS = 20_000;
const KEY = "positions";

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
  // a list that is refused is no better the next time
  return Number.isInteger(answer.json?.kept) || (answer.isOurs && [400, 413].includes(answer.status));
}

const one = sharing({ locator: navigator.geolocation, now: clock.now, change, send });

export const follow = one.follow;
export const status = one.status;
