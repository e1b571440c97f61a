/**
 * Who has used this phone, and the token that hands in what each of them did, long after their session.
 */

import { uuid7 } from "../ids.js";
import { meta, setMeta, write } from "./store.js";

const NEAR_MS = 10 * 86_400_000;
const CALL_MS = 15_000;
const LOCK = "bouteilles-queue";

/** Do something while no other tab sends or changes tokens; where there are no locks, two senders only ask twice. */
export function alone(act) {
  return navigator.locks ? navigator.locks.request(LOCK, act) : act();
}

/** Get a token for the person of a fetched day, when there is none for them or it is near its end. */
export function signIn(bundle, path = "/api/v1/devices") {
  // a new token ends the one before: nothing may be on its way under that one
  return alone(async () => {
    const { id, name } = bundle.person;
    const known = (await meta("authors"))?.[id];
    if (known && !known.asked && Date.parse(known.expires_at) - Date.parse(bundle.made_at) > NEAR_MS) return;
    await change(id, { person: id, name, asked: true });
    const told = await ask(path, bundle.csrf);
    if (told) await change(id, { ...told, asked: false, older: olderOf(known, told.device) });
  });
}

// what was made under another name of this phone still goes out in that name
function olderOf(known, device) {
  const { [device]: _replaced, ...older } = known?.older ?? {};
  if (known?.token && known.device !== device) older[known.device] = known.token;
  return older;
}

async function ask(path, csrf) {
  try {
    const signal = AbortSignal.timeout(CALL_MS);
    const answer = await fetch(path, { method: "POST", headers: { "X-CSRFToken": csrf }, redirect: "error", cache: "no-store", signal });
    const told = await answer.json();
    return typeof told.token === "string" && typeof told.device === "string" ? told : null;
  } catch (error) {
    console.warn(error); // no network, or no answer of ours: the next day fetched asks again
    return null;
  }
}

function change(id, facts) {
  return write(["meta"], async (t) => {
    const known = t.objectStore("meta");
    const authors = (await known.get("authors")) ?? {};
    await known.put({ ...authors, [id]: { ...authors[id], ...facts } }, "authors");
  });
}

/** Return the token under which an author's events of a device go out; undefined when they must sign in first. */
export function tokenOf(author, device) {
  if (!author?.token) return undefined;
  return author.device === device ? author.token : (author.older?.[device] ?? author.token);
}

/** Return how an author's events name this phone: as their token does, else by a name made here. */
export async function deviceOf(author) {
  if (author?.device) return author.device;
  const made = (await meta("device")) ?? uuid7().replaceAll("-", "");
  await setMeta("device", made);
  return made;
}
