/**
 * One stop as its driver needs it: what is asked there, what was scanned and counted so far, how it ended.
 * The same rules as the server's driver_stops; a test holds the two side by side.
 */

import { codeOf, grouped, inOrder, keyOf, moved, ofKey, tally } from "./standing.js";

export const OUTCOMES = { stop_reached: "reached", stop_done: "done", stop_partly: "partly", stop_missed: "missed" };
export const ENDS = ["stop_done", "stop_partly", "stop_missed"];
/** What is counted by crate type at every stop; bottles are counted where an order is delivered. */
export const CRATE_MOVES = ["collect", "drop"];
/** The item of bottles that nobody has sorted; it is asked for at no stop. */
const UNSORTED = "unsorted";

const LEADS_TO = { load: "aboard", drop: "out", deliver: "out", collect: "aboard" };
/** Moves of a driver's that surprise nobody, by the state they start from. */
const EXPECTED = {
  new: ["load", "drop"],
  clean: ["load", "drop", "deliver"],
  filled: ["load", "deliver"],
  aboard: ["drop", "deliver"],
  out: ["collect"],
  lent: ["collect"],
  parked: ["load"],
};

/** Put together one stop from its tasks, what they ask, and the acts about them. */
export function halt(world, stop, trip) {
  const visits = new Map(stop.tasks.map((task) => [task.id, visit(world, task, stop, trip)]));
  // what nobody asked for goes to a task that still stands
  const tasks = [...stop.tasks].sort((a, b) => a.withdrawn - b.withdrawn);
  const found = new Map();
  for (const task of stop.tasks) addParts(found, task, visits.get(task.id));
  const whole = { stop, trip, point: stop.point, tasks, visits, found, items: world.items, added: Boolean(stop.added) };
  return Object.assign(whole, told(world, whole));
}

/**
 * What was done about one task: under its own plan, and under plans of that day that have no stop for it here any more.
 * A visit that was begun under one plan goes on under it, so that a correction meets what it corrects.
 */
function visit(world, task, stop, trip) {
  const events = stop.added ? (world.added.get(`${stop.route}@${stop.point.id}`) ?? []) : actsOf(world, world.actsOf, task, stop, trip);
  // who comes after somebody ended the stop, with another phone, opens it not: that takes an undo
  const last = events.filter((event) => ENDS.includes(event.kind)).at(-1) ?? events.findLast((event) => event.kind === "stop_reached");
  const begun = events.filter((event) => event.plan_version).at(-1);
  const plan = begun?.plan_version ?? stop.plan;
  const seen = byPlan(stop.added ? new Map([[plan, events]]) : grouped(events, (event) => event.plan_version), world.crates);
  return { events, seen, plan, route: begun?.route ?? stop.route, outcome: last ? OUTCOMES[last.kind] : null, reason: last?.reason ?? "" };
}

function actsOf(world, known, task, stop, trip) {
  const shown = world.shown.get(task.id);
  const counts = ({ plan_version: plan, at }) => plan === stop.plan || (!shown.has(plan) && world.dayOf(at) === trip.day);
  return (known.get(task.id) ?? []).filter(counts);
}

const byPlan = (plans, crates) => new Map([...plans].map(([plan, events]) => [plan, tally(events, crates)]));

function addParts(found, task, { seen, plan }) {
  const asks = new Map((task.withdrawn ? [] : task.asks).map((ask) => [keyOf(ask.move, ask.item), ask.quantity]));
  const tallies = [...seen];
  const entries = tallies.flatMap(([, each]) => [...each.scanned.keys(), ...each.counted.keys()]).filter((key) => ofKey(key)[1] !== UNSORTED);
  const sum = (value) => tallies.reduce((all, entry) => all + value(entry), 0);
  for (const key of new Set([...asks.keys(), ...entries])) {
    if (!found.has(key)) found.set(key, new Map());
    const scanned = sum(([, each]) => each.scanned.get(key) ?? 0);
    const counted = tallies.some(([, each]) => each.counted.has(key)) ? sum(([, each]) => moved(each, key)) : null;
    const elsewhere = sum(([other, each]) => (other === plan ? 0 : moved(each, key)));
    found.get(key).set(task.id, { task, asked: asks.get(key) ?? 0, scanned, counted, elsewhere });
  }
}

/** Return one line, all zero when nothing was asked or seen. */
export function lineOf(halt, move, item) {
  const kind = move === "deliver" ? "deliver" : "collect";
  const known = halt.found.get(keyOf(move, item)) ?? new Map();
  const ordered = [...halt.tasks].sort((a, b) => (a.kind !== kind) - (b.kind !== kind));
  const parts = ordered.map((task) => known.get(task.id) ?? { task, asked: 0, scanned: 0, counted: null, elsewhere: 0 });
  const sum = (value) => parts.reduce((all, part) => all + value(part), 0);
  const asked = sum((part) => part.asked);
  const scanned = sum((part) => part.scanned);
  const isCounted = parts.some((part) => part.counted !== null);
  const total = sum((part) => part.counted ?? part.scanned);
  const likely = isCounted ? total : Math.max(scanned, asked);
  const { name = item, kind: what = "" } = halt.items.get(item) ?? {};
  const counted = isCounted ? total : null;
  return { key: keyOf(move, item), move, item, name, crate: what === "crate", parts, asked, scanned, counted, moved: total, likely };
}

/** List the lines of one move; a type that is taken is often left too, so both are offered for each. */
export function linesOf(halt, move, crates = true) {
  const moves = CRATE_MOVES.includes(move) ? CRATE_MOVES : [move];
  const items = new Set([...halt.found.keys()].map(ofKey).filter(([other]) => moves.includes(other)).map(([, item]) => item));
  return [...halt.items.values()].filter(({ id, kind }) => items.has(id) && (kind === "crate") === crates).map(({ id }) => lineOf(halt, move, id));
}

/** List the lines that the end of a stop counts. */
export const countedLines = (halt) => [...CRATE_MOVES.flatMap((move) => linesOf(halt, move)), ...linesOf(halt, "deliver", false)];

/** Divide a stop's count among its tasks: what each has scanned, then what each asks for, and the rest to the first. */
export function share(total, parts) {
  const given = parts.map(() => 0);
  const left = () => total - given.reduce((all, n) => all + n, 0);
  for (const wish of [(part) => part.scanned, (part) => part.asked]) {
    parts.forEach((part, index) => (given[index] += Math.max(0, Math.min(wish(part) - given[index], left()))));
  }
  given[0] += left();
  return given;
}

/** Fold the outcomes of a stop's tasks into one state. */
export function stateOf(outcomes) {
  const ended = outcomes.filter((outcome) => outcome !== null && outcome !== "reached");
  if (!ended.length || ended.length < outcomes.length) return ended.length || outcomes.includes("reached") ? "reached" : "to_come";
  return new Set(ended).size === 1 ? ended[0] : "partly";
}

function told(world, whole) {
  const visits = [...whole.visits.values()];
  const events = visits.flatMap((each) => each.events);
  const state = stateOf(whole.tasks.map((task) => whole.visits.get(task.id).outcome));
  const last = inOrder(events.filter((event) => ENDS.includes(event.kind))).at(-1);
  return {
    state,
    isOpen: state === "to_come" || state === "reached",
    withdrawn: whole.tasks.filter((task) => task.withdrawn),
    delivers: whole.tasks.some((task) => task.kind === "deliver"),
    reasons: [...new Set(visits.map((each) => each.reason).filter(Boolean))].sort(),
    note: last?.note ?? "",
    notes: whole.tasks.flatMap((task) => task.notes ?? []),
    written: events.filter((event) => event.kind === "note"),
    pictures: events.filter((event) => event.kind === "photo"),
    lines: [...CRATE_MOVES, "deliver"].flatMap((move) => [...linesOf(whole, move), ...(move === "deliver" ? linesOf(whole, move, false) : [])]),
    scans: scansAt(world, whole),
  };
}

/** List the scans at a stop, the last first, the undone ones too, each with what it was to us. */
function scansAt(world, { stop, trip, tasks, added }) {
  const isHere = (event) => event.task == null && event.route === stop.route && event.point === stop.point.id;
  const here = added ? world.scans.filter(isHere) : tasks.flatMap((task) => actsOf(world, world.scansOf, task, stop, trip));
  return listed(world, here);
}

export const listed = (world, events) => inOrder(events).map((event) => scanned(world, event)).reverse();

function scanned(world, event) {
  const code = codeOf(event.crate);
  const undone = world.undone.has(event.id);
  const before = world.believed.get(event.id);
  const known = code in world.crates;
  const kind = !known ? "unknown" : before && !EXPECTED[before]?.includes(event.move) ? "unexpected" : "known";
  const label = event.label ?? event.crate;
  return { id: event.id, event, code, label, type: world.crates[code]?.[0] ?? "", move: event.move, at: event.at, undone, kind, before, mine: event.person === world.person };
}

/** Say what a move would find: "known", "unexpected" or "unknown", and what the crate was believed to be. */
export function expectation(world, code, move) {
  const before = world.now.get(code) ?? world.crates[code]?.[1];
  if (!(code in world.crates)) return { kind: "unknown", before };
  return { kind: before && !EXPECTED[before]?.includes(move) ? "unexpected" : "known", before };
}

/**
 * Return what each crate was believed to be before each scan, and where it is now. The day says where crates stood when it
 * was made: after what the server held by then, so the first of those scans of a crate had a past that we do not know.
 */
export function beliefs(stands, crates, held) {
  const now = new Map();
  const believed = new Map();
  const scans = stands.filter((event) => event.kind === "scan");
  const isHeld = new Set(scans.filter((event) => held.has(event.id)).map((event) => codeOf(event.crate)));
  for (const event of scans) {
    const code = codeOf(event.crate);
    const before = now.get(code) ?? (isHeld.has(code) ? undefined : crates[code]?.[1]);
    if (before) believed.set(event.id, before);
    if (LEADS_TO[event.move]) now.set(code, LEADS_TO[event.move]);
  }
  return { now, believed };
}
