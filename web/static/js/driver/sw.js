/**
 * Keeps the app on the phone. The server writes VERSION and ASSETS (each address with the SHA-256 of what is there) before
 * this text, so that a browser sees a new worker whenever any part of the app has changed.
 *
 * Only the app itself is kept here, and pictures that the page put beside it. The day and what the driver did are in
 * IndexedDB; /api and the rest go to the network.
 */

const CACHE = `driver-${VERSION}`;
const SHELL = "/driver/";
const PLACES = "places"; // pictures of the day's loading places: the page puts them there when it has fetched the day
const PICTURE = /^\/photos\/[^/]+\/small$/;

addEventListener("install", (event) => event.waitUntil(fill()));
addEventListener("activate", (event) => event.waitUntil(takeOver()));
addEventListener("fetch", answer);

// The page says when: nothing is being sent just then. Until it does, the version before goes on.
addEventListener("message", (event) => {
  if (event.data === "use") skipWaiting();
  if (event.data === "version") event.ports[0].postMessage(VERSION);
});

/** Keep all of this version, or nothing of it: half an app would fail where there is no network to mend it. */
async function fill() {
  const parts = await Promise.all(Object.entries(ASSETS).map(fetched));
  const cache = await caches.open(CACHE);
  await Promise.all(parts.map(([address, part]) => cache.put(address, part)));
}

async function fetched([address, mark]) {
  // past every cache on the way, and without cookies: what is kept holds nothing of anybody
  const part = await fetch(address, { cache: "reload", credentials: "omit" });
  const found = await crypto.subtle.digest("SHA-256", await part.clone().arrayBuffer());
  const digits = Array.from(new Uint8Array(found), (byte) => byte.toString(16).padStart(2, "0")).join("");
  // a network that wants a sign-in first answers anything with its own page
  if (!part.ok || digits !== mark) throw new Error(`${address}: not what this version has there`);
  return [address, part];
}

async function takeOver() {
  const kept = await caches.keys();
  await Promise.all(kept.filter((name) => name.startsWith("driver-") && name !== CACHE).map((name) => caches.delete(name)));
  await clients.claim();
}

function answer(event) {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin) return;
  // each screen has its own #, so the app has one address; the pages beside it are the server's
  const address = mode === "navigate" && pathname === SHELL ? SHELL : pathname;
  if (address in ASSETS) event.respondWith(kept(address, event.request));
  else if (PICTURE.test(pathname)) event.respondWith(picture(event.request));
}

async function picture(request) {
  return (await caches.match(request.url, { cacheName: PLACES })) ?? fetch(request);
}

let opened = null; // once for all parts: a start asks for sixty

async function kept(address, request) {
  opened ??= caches.open(CACHE);
  const cache = await opened;
  return (await cache.match(address, { ignoreVary: true })) ?? fetch(request);
}
