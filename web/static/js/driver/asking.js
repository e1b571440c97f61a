/**
 * One call to our server, and who it was that answered: between a phone and us stand sign-in pages, proxies and dead cells.
 */

import * as clock from "./clock.js";

const LONGEST_WAIT_MS = 3_600_000; // whatever a Retry-After asks for

/**
 * Ask once; never throws.
 *
 * @returns {status, json, isOurs, outcome}: `outcome` is what to make of it where the answer does not say what was hoped for:
 *   {trouble, wait, reached} as `sendAll` returns it
 */
export async function ask(path, { method, body, type, token, csrf, timeout }) {
  const sentAt = performance.now();
  try {
    const answer = await fetch(path, {
      method,
      body,
      headers: { "Content-Type": type, ...(token ? { Authorization: `Bearer ${token}` } : { "X-CSRFToken": csrf }) },
      redirect: "error",
      // who sends is what the token says, whoever is signed in on the phone by now
      credentials: token ? "omit" : "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(timeout),
    });
    const gotAt = performance.now();
    const json = parsed(await answer.text());
    const isOurs = Array.isArray(json?.receipts) || typeof json?.receipt === "string" || typeof json?.sentence === "string";
    if (isOurs) clock.set(answer.headers.get("X-Server-Time"), sentAt, gotAt);
    const wait = waitOf(answer.headers.get("Retry-After"));
    return { status: answer.status, json, isOurs, outcome: { ...read(answer.status, isOurs), wait } };
  } catch (error) {
    console.warn(error); // cut, redirected, too slow, or no network at all
    return { status: 0, json: null, isOurs: false, outcome: { trouble: "queue.trouble.network", wait: null, reached: false } };
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a page, or half an answer: no receipt is in it
  }
}

function read(status, isOurs) {
  if (status === 429 || status === 503) return { trouble: "queue.trouble.busy", reached: false };
  if (status >= 500 && status !== 511) return { trouble: "queue.trouble.server", reached: false };
  if (!isOurs) return { trouble: "queue.trouble.foreign", reached: false };
  return { trouble: status === 401 ? "queue.trouble.sign_in" : "queue.trouble.refused", reached: true };
}

function waitOf(text) {
  if (!text) return null;
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_WAIT_MS) : null;
}
