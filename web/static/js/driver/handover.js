/**
 * The way out for a phone that reaches no network any more: what it has not sent, as files another phone or the office takes in.
 *
 * Nothing is removed here by it: only a receipt does that, and events that come in twice are one.
 */

import { ask } from "./asking.js";
import * as clock from "./clock.js";
import { freeze, groups } from "./sending.js";
import { events, meta, photos } from "./store.js";

const FORMAT = "bouteilles-handover";
const VERSION = 1;
const ROOM = 10_000_000; // characters of photos in one file: the office takes 16 MB
const MOST = 100; // photos in one file: the office takes no more
const TYPE = "application/json";

/** Return what was not sent, as one file or, with many photos, several; an empty list when all is sent. */
export async function files() {
  const authors = (await meta("authors")) ?? {};
  const kept = await events();
  const deviceOf = new Map(kept.map((row) => [row.id, row.event.device]));
  const waiting = [];
  for (const group of groups(kept)) waiting.push(...(await freeze(group)));
  const told = waiting.map(({ author, body, event: { device } }) => ({ author, name: authors[author]?.name ?? "", device, body }));
  const device = ({ event, author }) => deviceOf.get(event) || (authors[author]?.device ?? "");
  const parts = portions((await photos()).map((photo) => ({ ...packed(photo), device: device(photo) })));
  if (told.length === 0 && parts.length === 0) return [];
  const madeAt = clock.now();
  return (parts.length > 0 ? parts : [[]]).map((pictures, place) => {
    const content = { format: FORMAT, version: VERSION, made_at: madeAt, events: told, photos: pictures };
    const name = `bouteilles-${madeAt.slice(0, 16).replaceAll(/[:T]/g, "-")}-${place + 1}.json`;
    return new File([JSON.stringify(content)], name, { type: TYPE });
  });
}

function packed({ event, author, type, sha256, bytes }) {
  let text = "";
  const view = new Uint8Array(bytes);
  // in pieces: a call takes only so many arguments
  for (let at = 0; at < view.length; at += 8192) text += String.fromCharCode(...view.subarray(at, at + 8192));
  return { event, author, type, sha256, base64: btoa(text) };
}

function portions(pictures) {
  const parts = [];
  let room = 0;
  for (const picture of pictures) {
    room -= picture.base64.length;
    if (room < 0 || parts.at(-1)?.length === MOST) {
      parts.push([]);
      room = ROOM - picture.base64.length;
    }
    parts.at(-1).push(picture);
  }
  return parts;
}

/** Share files by the phone's own means, or download them; call within a tap. Resolves to "shared", "saved" or "stopped". */
export async function share(made, title) {
  if (navigator.canShare?.({ files: made })) {
    try {
      await navigator.share({ files: made, title });
      return "shared";
    } catch (error) {
      if (error.name === "AbortError") return "stopped";
      console.warn(error); // some phones say that they can, and cannot: a download always works
    }
  }
  made.forEach(save);
  return "saved";
}

function save(file) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * Hand in the file of another phone, as who is signed in on this one.
 *
 * @returns {receipts, photos, sentence, trouble}: what became of each event, or the server's sentence why it took nothing, or
 *   the key of what hinders
 */
export async function take(file, csrf, timeout = 120_000) {
  const { json, outcome } = await ask("/driver/handover", { method: "POST", body: file, type: TYPE, csrf, timeout });
  if (Array.isArray(json?.receipts)) return { ...json, sentence: null, trouble: null };
  return { receipts: [], photos: [], sentence: json?.sentence ?? null, trouble: outcome.trouble };
}
