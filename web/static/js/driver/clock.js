/**
 * What time it is, whatever the phone's own clock says: the last time the server told, carried on by a clock that nobody sets.
 *
 * That clock begins anew with each page and stands still while the phone sleeps. Over such gaps the phone's own clock is
 * asked how long they lasted, and believed where that is possible at all.
 */

import { meta, setMeta } from "./store.js";

const LONGEST_MS = 3 * 86_400_000; // no route, no weekend lasts longer: a clock that says so was set
const SLOW_MS = 20_000; // an answer this slow tells the time too roughly to correct a page that knows it

let anchor = null; // {at, monotonic, wall}: this was the time when the two clocks showed that
let isHidden = false;

const stretch = () => performance.now() - anchor.monotonic;
const current = () => (anchor ? anchor.at + stretch() : Date.now());

function pin(at) {
  anchor = { at, monotonic: performance.now(), wall: Date.now(), told: anchor?.told ?? false };
}

function bridge(known) {
  const lasted = Date.now() - known.wall;
  return known.at + (lasted > 0 && lasted <= LONGEST_MS ? lasted : 0);
}

/** Take up the time where the page before left it; call once, before the first `now`. */
export async function start() {
  const known = await meta("clock");
  if (known && !anchor) {
    anchor = { ...known, monotonic: 0 };
    pin(bridge(known));
  }
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") rest();
    else wake();
  });
}

function rest() {
  isHidden = true;
  if (anchor) pin(current());
  keep();
}

function wake() {
  // only while nobody looks does a phone sleep; a difference that arises before somebody's eyes is a clock being set
  if (isHidden && anchor) pin(Math.max(current(), bridge(anchor)));
  isHidden = false;
}

/** Take over the server's time; `sentAt` and `gotAt` are `performance.now()` before and after the call. */
export function set(serverIso, sentAt, gotAt) {
  const told = Date.parse(serverIso ?? "");
  if (Number.isNaN(told) || (anchor?.told && gotAt - sentAt > SLOW_MS)) return;
  anchor = { at: told + (gotAt - sentAt) / 2, monotonic: gotAt, wall: Date.now() - (performance.now() - gotAt), told: true };
  keep();
}

/** Return the time as ISO text in UTC with milliseconds. */
export function now() {
  return new Date(Math.round(current())).toISOString();
}

/** Return what to keep of it, with the next event: where the next page takes it up. */
export function state() {
  return { at: current(), wall: Date.now() };
}

/** Keep it now; what fails here is only told less exactly after a restart. */
export function keep() {
  return setMeta("clock", state()).catch((error) => console.warn(error));
}
