/**
 * Which acts stand: the phone's reading of the same rules as the server's (events.standing, projections.tally).
 * Pure: no clock, no network, no page.
 */

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const PRINTED = /^([A-Z]\d{6,12})([B-Z])?[0-9A-Z]$/;

// Pages tell microseconds, and a Date knows none of them.
function micros(at) {
  const digits = /\.(\d+)/.exec(at)?.[1] ?? "";
  return Date.parse(at) * 1000 + Number(digits.slice(3, 6).padEnd(3, "0"));
}

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Put acts in the one order that counts: (act time, device, sequence, id). */
export function inOrder(events) {
  const keyed = events.map((event) => [micros(event.at), event.device, event.sequence, event.id, event]);
  keyed.sort((a, b) => a[0] - b[0] || compare(a[1], b[1]) || a[2] - b[2] || compare(a[3], b[3]));
  return keyed.map((key) => key[4]);
}

export function grouped(rows, key) {
  const groups = new Map();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group) group.push(row);
    else groups.set(key(row), [row]);
  }
  return groups;
}

/** What the server holds and what only this phone holds, each act once. */
export function merged(held, own) {
  const known = new Map(own.map((event) => [event.id, event]));
  for (const event of held) known.set(event.id, event);
  return inOrder([...known.values()]);
}

/** Leave out the undone acts, and the undos with them. An undo that is itself undone counts for nothing. */
export function standing(ordered) {
  const undone = undoneIn(ordered);
  return ordered.filter((event) => event.kind !== "undo" && !undone.has(event.id));
}

export function undoneIn(ordered) {
  const known = new Map(ordered.map((event) => [event.id, event]));
  const may = new Map(ordered.filter((event) => event.kind === "undo" && mayUndo(event, known.get(event.undoes))).map((undo) => [undo.id, undo]));
  const named = new Map();
  for (const undo of may.values()) named.set(undo.undoes, (named.get(undo.undoes) ?? 0) + 1);
  const undone = new Set();
  // an undo is weighed after all those that name it; those in a ring count for nothing
  const ready = [...may.values()].filter((undo) => !named.has(undo.id));
  for (const undo of ready) {
    if (!undone.has(undo.id)) undone.add(undo.undoes);
    named.set(undo.undoes, named.get(undo.undoes) - 1);
    if (!named.get(undo.undoes) && may.has(undo.undoes)) ready.push(may.get(undo.undoes));
  }
  return undone;
}

const mayUndo = (undo, target) => target !== undefined && (undo.person === target.person || undo.role === "coordinator");

/** The ISO 7064 MOD 37,36 check character. */
function checkCharacter(body) {
  let carry = 36;
  for (const character of body) carry = (((carry + ALPHABET.indexOf(character)) % 36 || 36) * 2) % 37;
  return ALPHABET[(37 - carry) % 36];
}

/** Return the crate that a label names, whichever edition of the label was read. */
export function codeOf(label) {
  const [, body, edition] = PRINTED.exec(label) ?? [];
  return edition ? body + checkCharacter(body) : label;
}

export const keyOf = (move, item) => `${move}-${item}`;

/** Take a key apart again: no move has a dash in it, and an item may. */
export function ofKey(key) {
  const dash = key.indexOf("-");
  return [key.slice(0, dash), key.slice(dash + 1)];
}

/** Count scans and keep the last count of each item; the same label twice is one crate. */
export function tally(events, crates) {
  const scanned = new Map();
  const counted = new Map();
  const labels = new Set();
  for (const event of events) {
    if (!event.move) continue;
    if (event.kind === "count") counted.set(keyOf(event.move, event.item ?? ""), event.quantity ?? 0);
    if (event.kind !== "scan") continue;
    const code = codeOf(event.crate);
    const type = crates[code]?.[0];
    const label = `${event.move} ${code}`;
    if (type === undefined || labels.has(label)) continue;
    labels.add(label);
    scanned.set(keyOf(event.move, type), (scanned.get(keyOf(event.move, type)) ?? 0) + 1);
  }
  return { scanned, counted };
}

export const moved = (seen, key) => seen.counted.get(key) ?? seen.scanned.get(key) ?? 0;
