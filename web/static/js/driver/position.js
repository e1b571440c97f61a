/**
 * Where the van is, for the office: only when the driver switched it on, and only while a route is on.
 *
 * Positions wait in a list of their own, the oldest fall out of it, and none is sent twice as two.
 */

import { uuid7 } from "../ids.js";

export const EVERY_MS = 30_000;
export const MOST = 500;
const WATCH = { enableHighAccuracy: true, maximumAge: EVERY_MS, timeout: 60_000 };

/**
 * Make the sharing.
 *
 * @param locator what tells positions: `navigator.geolocation`
 * @param now returns the time as an ISO text
 * @param change changes the list that is kept on this phone: `await change((list) => list)` returns the new one
 * @param send hands a list in; resolves to true when the server answered for it, whatever it kept
 */
export function sharing({ locator, now, change, send }) {
  const state = { watch: null, last: 0, refused: false, isSending: false };

  async function keep({ coords }) {
    const at = now();
    const moment = Date.parse(at);
    if (state.watch === null || moment - state.last < EVERY_MS) return;
    state.last = moment;
    const { latitude: lat, longitude: lon, accuracy } = coords;
    await change((list) => [...list, { id: uuid7(moment), at, lat, lon, accuracy }].slice(-MOST));
    await flush();
  }

  async function flush() {
    if (state.isSending) return;
    state.isSending = true;
    try {
      const waiting = await change((list) => list);
      if (waiting.length === 0 || !(await send(waiting))) return;
      const sent = new Set(waiting.map((spot) => spot.id));
      await change((list) => list.filter((spot) => !sent.has(spot.id)));
    } finally {
      state.isSending = false;
    }
  }

  function begin() {
    state.refused = false;
    const failed = (error) => {
      // refused by the person or the phone; a hill without satellites is no refusal
      state.refused = error.code === error.PERMISSION_DENIED;
    };
    state.watch = locator.watchPosition((position) => keep(position).catch((error) => console.warn(error)), failed, WATCH);
  }

  async function end() {
    locator.clearWatch(state.watch);
    state.watch = null;
    await flush().catch((error) => console.warn(error));
  }

  return {
    /** Share while this is true; told again at each change of the setting or the route. */
    async follow(isOn) {
      if (isOn && state.watch === null && locator) begin();
      else if (!isOn && state.watch !== null) await end();
    },
    status: () => ({ isOn: state.watch !== null, isRefused: state.refused }),
  };
}
