/**
 * Sends what this phone keeps, until a receipt names it; nothing else is believed.
 *
 * One sender at a time over all tabs, oldest first, each event under its author's token. Whatever comes back instead of
 * receipts (a hotel's sign-in page, half an answer, an error, nothing) leaves everything where it is.
 */

import { alone } from "./authors.js";
import * as clock from "./clock.js";
import { forgive, sendAll } from "./sending.js";
import { events, meta, persist, photos, setMeta, warning } from "./store.js";

const NORMAL = {
  pause: 4_000, // after a first failure; doubled with each further one
  longest: 300_000,
  every: 60_000, // a look whether something waits, and a time to come back to
  timeout: 30_000,
};
const SOON_MS = 100;
const settings = { ...NORMAL };
const bus = new EventTarget();
const channel = globalThis.BroadcastChannel ? new BroadcastChannel("bouteilles") : null;

let shown = { online: navigator.onLine, waiting: 0, photos: 0, lastSent: null, trouble: null, persisted: null, storageWarning: null };
let failures = 0;
let notBefore = 0; // by performance.now()
let askedUntil = 0; // the part of it that the server asked for
let timer = null;
let due = null;
let running = null;
let isAskedAgain = false;
let counted = 0; // acts told by `count`: a look that began before one of them does not know of it

/** Begin to send: now, whenever the network comes back, and again and again; `own` sets other pauses than the usual ones. */
export async function start(own = {}) {
  Object.assign(settings, NORMAL, own);
  await clock.start().catch((error) => console.warn(error));
  globalThis.addEventListener("online", () => {
    failures = 0;
    notBefore = Math.min(notBefore, askedUntil);
    show({ online: true });
    wake();
  });
  globalThis.addEventListener("offline", () => show({ online: false }));
  channel?.addEventListener("message", () => refresh());
  await persist().catch((error) => console.warn(error));
  await look();
  wake();
}

/** Read what is kept, before anything is shown. */
export const look = () => refresh();

/** Say in the same turn that more waits: until the store was read again the state line would say that all is sent. */
export function count(waiting, photos) {
  counted += 1;
  show({ waiting: shown.waiting + waiting, photos: shown.photos + photos });
}

/** Return what the state line shows. */
export const status = () => shown;

/** Hear of each "change" of the status, or of what is kept. */
export function addEventListener(type, hear, options) {
  bus.addEventListener(type, hear, options);
}

/** Hear of it no longer. */
export function removeEventListener(type, hear) {
  bus.removeEventListener(type, hear);
}

/** Send because a person asks: no pause is waited out. Resolves when it was tried. */
export async function sendNow() {
  await running;
  clearTimeout(due);
  due = null;
  notBefore = 0;
  failures = 0;
  forgive();
  return attempt();
}

/** Send what was just done: after the answer to the tap is painted, and acts that follow each other closely together. */
export function soon() {
  channel?.postMessage("changed");
  due ??= setTimeout(() => {
    due = null;
    wake();
  }, SOON_MS);
}

/** Send because there may be something to send. */
export function wake() {
  const left = notBefore - performance.now();
  if (left > 0) again(left);
  else attempt();
}

function attempt() {
  if (running) isAskedAgain = true;
  running ??= pass().finally(() => {
    running = null;
    if (!isAskedAgain) return;
    isAskedAgain = false;
    wake();
  });
  return running;
}

async function pass() {
  clearTimeout(timer);
  let outcome;
  try {
    outcome = await alone(() => sendAll({ timeout: settings.timeout, told: sent }));
  } catch (error) {
    console.warn(error);
    outcome = { trouble: "queue.trouble.storage", wait: null };
  }
  failures = outcome.trouble ? failures + 1 : 0;
  const left = outcome.trouble ? Math.max(outcome.wait ?? 0, backOff()) : settings.every;
  notBefore = outcome.trouble ? performance.now() + left : 0;
  askedUntil = performance.now() + (outcome.wait ?? 0);
  await refresh(false, { trouble: outcome.trouble, ...(outcome.reached === null ? {} : { online: outcome.reached }) });
  clock.keep();
  again(left);
}

// phones that lost the same network must not all come back in the same second
function backOff() {
  const longest = Math.min(settings.longest, settings.pause * 2 ** Math.min(failures - 1, 20));
  return longest * (0.5 + Math.random() / 2);
}

function again(left) {
  clearTimeout(timer);
  timer = setTimeout(wake, left);
}

async function sent() {
  await setMeta("last_sent", clock.now());
  await refresh(true);
}

/** Read again what is kept, and tell this tab, and the others where `isOurs`. */
async function refresh(isOurs = false, facts = {}) {
  const known = counted;
  const [kept, storageWarning] = await Promise.all([read(), warning()]);
  const { waiting, photos: pictures } = known === counted ? { ...shown, ...kept } : shown;
  show({ ...kept, ...facts, waiting, photos: pictures, storageWarning });
  if (isOurs) channel?.postMessage("changed");
}

async function read() {
  try {
    const [rows, pictures, lastSent, persisted] = await Promise.all([events(), photos(), meta("last_sent"), meta("persisted")]);
    const waiting = rows.filter((row) => row.state === "waiting").length;
    return { waiting, photos: pictures.length, lastSent: lastSent ?? null, persisted: persisted ?? null };
  } catch (error) {
    console.warn(error); // the warning says so
    return {};
  }
}

function show(facts) {
  shown = { ...shown, ...facts };
  bus.dispatchEvent(new Event("change"));
}
