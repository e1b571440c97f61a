/** The app on this phone: kept for work without network, put on the home screen, and renewed when the driver says so. */

const HOUR = 3_600_000;

let registration = null;
let offer = null;
let renewing = false;

/** Tells "change" whenever `status()` says something else. */
export const changes = new EventTarget();

const tell = () => changes.dispatchEvent(new Event("change"));

/**
 * How it stands: `kept` works without network; `fresh` a newer version waits for `renew()`; `installed` opened from the home
 * screen; `installable` the browser lets us ask, by `install()`; `evicts` this browser erases what a page keeps after seven
 * days without a visit, unless it is on the home screen.
 */
export const status = () => {
  const installed = isInstalled();
  return {
    kept: Boolean(registration?.active),
    fresh: Boolean(registration?.waiting),
    installed,
    installable: Boolean(offer),
    ios: isIos(),
    evicts: isIos() && !installed,
  };
};

/** Keep the app on this phone, and look for a newer one now and then. Answers false where the browser cannot. */
export async function start() {
  addEventListener("beforeinstallprompt", keepOffer);
  addEventListener("appinstalled", forgetOffer);
  // plain http is no ground for a service worker: the app runs, but not without network
  if (!navigator.serviceWorker) return false;
  navigator.serviceWorker.addEventListener("controllerchange", reload);
  registration = await navigator.serviceWorker.register("/driver/sw.js", { updateViaCache: "none" });
  follow(registration.installing);
  registration.addEventListener("updatefound", () => follow(registration.installing));
  addEventListener("online", look);
  setInterval(look, HOUR);
  tell();
  return true;
}

/** Look whether there is a newer version. */
export async function look() {
  try {
    await registration?.update();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // no network, or a part of it did not come through: what is kept goes on, and the next look tries again
  }
}

/** Go on with the newer version; `settled` is awaited first, so that nothing is cut off that is being sent. */
export async function renew(settled = Promise.resolve()) {
  await settled;
  renewing = true;
  registration?.waiting?.postMessage("use");
}

/** Ask for a place on the home screen; answers whether the driver agreed. */
export async function install() {
  const asked = offer;
  forgetOffer();
  if (!asked) return false;
  await asked.prompt();
  return (await asked.userChoice).outcome === "accepted";
}

function follow(worker) {
  worker?.addEventListener("statechange", tell);
}

function reload() {
  // the first worker takes over a page that runs already: that one is no newer
  if (renewing) location.reload();
  tell();
}

function keepOffer(event) {
  event.preventDefault();
  offer = event;
  tell();
}

function forgetOffer() {
  offer = null;
  tell();
}

const isInstalled = () => matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;

// an iPad says it is a Mac, but no Mac has a screen for fingers
const isIos = () => /iPhone|iPad|iPod/.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
