/**
 * One pass over what waits: batches of events under their authors' tokens, then the photos of what the server holds.
 *
 * The bytes of an event are fixed before the first of them leaves, so that a resend is the same event to the server.
 */

import { deviceOf, tokenOf } from "./authors.js";
import { ask } from "./asking.js";
import { events, meta, photos, write } from "./store.js";

const EVENTS = "/api/v1/events";
const MOST = 100;
const ENOUGH = 3; // events refused alone, one after another: then it is the way that is bad
const HELD = new Set(["kept", "already_known", "conflict", "invalid"]);
const NOTHING = { trouble: null, wait: null, reached: null };

const refused = new Set(); // events that were not taken alone: the others go first
const unseen = new Set(); // events whose photo was not taken: not sent again by itself

/** Try again what was refused, because a person asks. */
export function forgive() {
  refused.clear();
  unseen.clear();
}

/**
 * Send all that waits.
 *
 * @param call {timeout, told}: milliseconds after which no answer is waited for, and what to call when the server holds more
 * @returns {trouble, wait, reached}: the key of what hinders or null, a wait asked for in milliseconds or null, and whether
 *   our server answered (null: nothing was asked)
 */
export async function sendAll(call) {
  let outcome = NOTHING;
  for (const group of groups(await events())) {
    const one = await sendGroup(group, call);
    outcome = both(outcome, one);
    if (one.reached === false) return outcome;
  }
  return both(outcome, await sendPhotos(call));
}

const both = (one, other) => ({ ...(one.trouble ? one : other), reached: other.reached ?? one.reached });

/** Return what waits, by author and device, the oldest first. */
export function groups(rows) {
  const by = new Map();
  for (const row of rows) {
    const key = `${row.author} ${row.event.device}`;
    if (row.state === "waiting") by.set(key, [...(by.get(key) ?? []), row]);
  }
  return [...by.values()];
}

async function sendGroup(rows, call) {
  let [outcome, size, lost] = [NOTHING, MOST, 0];
  let left = [...rows.filter((row) => !refused.has(row.id)), ...rows.filter((row) => refused.has(row.id))];
  while (left.length > 0 && lost < ENOUGH) {
    const batch = left.slice(0, size);
    const one = await sendBatch(batch, call);
    if (one.isTooMuch && batch.length > 1) {
      size = Math.ceil(batch.length / 2);
      continue;
    }
    outcome = both(outcome, one);
    if (one.trouble && !one.isTooMuch) return outcome;
    lost = one.isTooMuch ? lost + 1 : 0;
    if (one.isTooMuch) refused.add(batch[0].id);
    left = left.slice(batch.length);
  }
  return outcome;
}

async function sendBatch(rows, { timeout, told }) {
  const author = (await meta("authors"))?.[rows[0].author];
  // not even fixed before there is a token: it says how the events name this phone
  if (!author?.token) return { ...NOTHING, trouble: "queue.trouble.sign_in" };
  const batch = await freeze(rows);
  if (batch.length === 0) return NOTHING;
  const token = tokenOf(author, batch[0].event.device);
  const body = `{"events":[${batch.map((row) => row.body).join(",")}]}`;
  const answer = await ask(EVENTS, { method: "POST", body, type: "application/json", token, timeout });
  const receipts = Array.isArray(answer.json?.receipts) ? answer.json.receipts : null;
  if (!receipts) return { ...answer.outcome, isTooMuch: answer.status === 400 || answer.status === 413 };
  const held = await keepReceipts(batch, receipts);
  if (held > 0) await told();
  return { ...NOTHING, trouble: held < batch.length ? "queue.trouble.foreign" : null, reached: true };
}

/** Fix the bytes of some events of one author and device; returns those that still wait, as they are kept now. */
export async function freeze(rows) {
  const device = rows[0].event.device || (await deviceOf((await meta("authors"))?.[rows[0].author]));
  return write(["events"], async (t) => {
    const store = t.objectStore("events");
    const found = await Promise.all(rows.map((row) => store.get(row.id)));
    const waiting = found.filter((row) => row?.state === "waiting");
    const fresh = waiting.filter((row) => row.body === null);
    for (const row of fresh) {
      row.event.device ||= device;
      row.body = JSON.stringify(row.event);
    }
    await Promise.all(fresh.map((row) => store.put(row)));
    return waiting;
  });
}

/** Mark as held what receipts name; returns how many of a batch they named. */
export function keepReceipts(batch, receipts) {
  const said = new Map(receipts.filter((one) => HELD.has(one?.receipt)).map((one) => [one.id, one]));
  const named = batch.filter((row) => said.has(row.id));
  return write(["events"], async (t) => {
    const put = ({ receipt, sentence = null }, row) => t.objectStore("events").put({ ...row, state: "sent", receipt, sentence });
    await Promise.all(named.map((row) => put(said.get(row.id), row)));
    return named.length;
  });
}

async function sendPhotos(call) {
  const kept = new Map((await events()).map((row) => [row.id, row]));
  const authors = (await meta("authors")) ?? {};
  let outcome = NOTHING;
  for (const photo of await photos()) {
    const row = kept.get(photo.event);
    // a picture of what the server has not heard of would find nothing to belong to
    if (row?.state === "waiting" || unseen.has(photo.event)) continue;
    const one = await sendPhoto(photo, tokenOf(authors[photo.author], row?.event.device), call);
    outcome = both(outcome, one);
    if (one.reached === false) return outcome;
  }
  return outcome;
}

async function sendPhoto(photo, token, { timeout, told }) {
  if (!token) return { ...NOTHING, trouble: "queue.trouble.sign_in" };
  const { event: id, bytes: body, type } = photo;
  const answer = await ask(`${EVENTS}/${id}/photo`, { method: "PUT", body, type, token, timeout });
  if (answer.json?.id === id && ["kept", "already_known"].includes(answer.json.receipt)) {
    await write(["photos"], (t) => t.objectStore("photos").delete(id));
    await told();
    return { ...NOTHING, reached: true };
  }
  if (answer.isOurs && [400, 404, 409, 413, 415, 422].includes(answer.status)) {
    // it stays here, and is not sent again and again over a dear network: only by hand, or when the app is opened again
    unseen.add(id);
    return { ...NOTHING, trouble: "queue.trouble.photo", reached: true };
  }
  return answer.outcome;
}
