/** Keeps the screen lit while a route is on; where the phone cannot, nothing else changes. */

let lock = null;
let isWanted = false;

export function keepAwake(wanted) {
  isWanted = wanted;
  if (wanted) take();
  else release();
}

async function take() {
  if (lock || !isWanted || document.visibilityState !== "visible") return;
  try {
    const taken = await navigator.wakeLock?.request("screen");
    if (!taken) return;
    lock = taken;
    // the phone takes it back when the app goes out of sight
    taken.addEventListener("release", () => (lock = lock === taken ? null : lock));
    if (!isWanted) release();
  } catch (error) {
    console.warn(error);
  }
}

function release() {
  lock?.release();
  lock = null;
}

document.addEventListener("visibilitychange", take);
