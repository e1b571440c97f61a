/** The app on this phone: kept for work without network, put on the home screen, and renewed when the driver says so. */

const HOUR = 3_600_000;

let registration = null;
let refused = false;
let kept = "";
let offer = null;
let renewing = false;
let tell = () => {};
let settled = async () => {};

/**
 * How it stands: `kept` works without network; `fresh` a newer version waits for `update()`; `installed` opened from the home
 * screen; `installable` the browser lets us ask, by `install()`; `evicts` this browser erases what a page keeps after seven
 * days without a visit, unless it is on the home screen.
 */
export const status = () => ({
  kept: Boolean(registration?.active),
  fresh: Boolean(registration?.waiting),
  installed: isInstalled(),
  installable: Boolean(offer),
  evicts: isIos() && !isInstalled(),
});

/** The version that is kept here, or nothing. */
export const version = () => kept;

/** The words for what the driver should know before the route begins, or nothing. */
export function warning() {
  if (refused) return "shell.refused";
  return status().evicts ? "shell.evicts" : null;
}

/**
 * Keep the app on this phone, and look for a newer one now and then. `changed` is called whenever something above says
 * something else; `quiet` is awaited before a newer version takes over, so that nothing is cut off that is being sent.
 * Answers false where the browser does not keep apps: the app runs there, but only with network.
 */
export async function start(changed = tell, quiet = settled) {
  [tell, settled] = [changed, quiet];
  addEventListener("beforeinstallprompt", keepOffer);
  addEventListener("appinstalled", forgetOffer);
  refused = !(await register());
  if (!refused) watch();
  tell();
  return !refused;
}

async function register() {
  // browsers give this only to an address that begins with https
  if (!navigator.serviceWorker) return false;
  try {
    registration = await navigator.serviceWorker.register("/driver/sw.js", { updateViaCache: "none" });
    return true;
  } catch (error) {
    console.warn(error);
    registration = await navigator.serviceWorker.getRegistration("/driver/");
    return Boolean(registration);
  }
}

function watch() {
  navigator.serviceWorker.addEventListener("controllerchange", taken);
  registration.addEventListener("updatefound", () => follow(registration.installing));
  follow(registration.installing);
  addEventListener("online", look);
  setInterval(look, HOUR);
  navigator.serviceWorker.ready.then(askVersion);
}

/** Look whether there is a newer version; without network there is none. */
export async function look() {
  try {
    await registration?.update();
  } catch (error) {
    console.warn(error);
  }
}

/** Go on with the newest version there is. */
export async function update() {
  if (!registration?.waiting) await look();
  await arrived(registration?.installing);
  if (!registration?.waiting) return;
  await settled();
  renewing = true;
  registration.waiting?.postMessage("use");
}

const arrived = (worker) => worker && new Promise((done) => worker.addEventListener("statechange", done, { once: true }));

/** Ask for a place on the home screen; answers whether the driver agreed. */
export async function install() {
  const asked = offer;
  forgetOffer();
  if (!asked) return false;
  await asked.prompt();
  return (await asked.userChoice).outcome === "accepted";
}

function follow(worker) {
  worker?.addEventListener("statechange", () => tell());
}

function taken() {
  // the first worker takes over a page that runs already, and is no newer than it
  if (renewing) location.reload();
  else tell();
}

function askVersion({ active }) {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => {
    kept = data;
    tell();
  };
  active.postMessage("version", [port2]);
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
