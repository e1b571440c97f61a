/**
 * What each act of a driver tells, as facts for acts.record: the phone's home of the rules in web/driver_acts.py.
 * Pure: ids, times and sequences are given when the facts are recorded.
 */

import { countedLines, ENDS, expectation, lineOf, OUTCOMES, share } from "./halts.js";
import { codeOf, keyOf, ofKey } from "./standing.js";

/** What every act at a stop says of where and when it belongs. */
function here(halt, task) {
  const { point } = halt.stop;
  const { route, plan } = halt.visits.get(task.id);
  const place = { plan_version: plan, route, point: point.id, holder: halt.trip.vehicle.id };
  return task.id === null ? place : { task: task.id, ...place };
}

/** Say that the van stands at a stop: told by itself with the first act there. */
export function reachEvents(halt) {
  const visits = [...halt.visits.values()];
  if (visits.some((visit) => visit.outcome !== null)) return [];
  return halt.tasks.map((task) => ({ kind: "stop_reached", ...here(halt, task) }));
}

/**
 * End a stop with its counts, or correct how it ended; nothing where all of it stands already. `counts` is by "move-item".
 * A stop done in part ends well for each task that got all it asked for.
 */
export function endEvents(halt, kind, counts, { reason = "", note = "" } = {}) {
  const facts = [...countEvents(halt, kind, counts), ...ends(halt, kind, counts, reason, note)];
  const isNoted = !note || [...halt.visits.values()].some((visit) => visit.events.some((event) => event.note === note));
  if (isNoted && facts.every((fact) => stands(halt, fact))) return [];
  return [...reachEvents(halt), ...facts];
}

function shares(halt, counts) {
  return Object.entries(counts).flatMap(([key, total]) => {
    const { parts } = lineOf(halt, ...ofKey(key));
    return share(total, parts).map((quantity, index) => ({ key, part: parts[index], quantity }));
  });
}

/** Tell the counts, task by task; a stop that could not be done takes back what was counted before. */
function countEvents(halt, kind, counts) {
  const wanted = shares(halt, counts).filter(({ part, quantity }) => {
    const isSeen = part.scanned > 0 || part.counted !== null;
    return isSeen || (kind !== "stop_missed" && (quantity > 0 || part.asked > 0));
  });
  return wanted.map(({ key, part, quantity }) => {
    const [move, item] = ofKey(key);
    // what other plans' visits moved stays theirs
    return { kind: "count", ...here(halt, part.task), move, item, quantity: Math.max(0, quantity - part.elsewhere), basis: "counted" };
  });
}

function ends(halt, kind, counts, reason, note) {
  const short = new Set(shares(halt, counts).filter(({ part, quantity }) => quantity < part.asked).map(({ part }) => part.task.id));
  return halt.tasks.map((task) => {
    const isWhole = kind === "stop_partly" && short.size > 0 && !short.has(task.id);
    const own = isWhole ? "stop_done" : kind;
    const why = own === "stop_done" ? {} : { reason };
    return { kind: own, ...here(halt, task), ...why, ...(note ? { note } : {}) };
  });
}

function stands(halt, fact) {
  const visit = halt.visits.get(fact.task ?? null);
  if (fact.kind === "count") return visit.seen.get(visit.plan)?.counted.get(keyOf(fact.move, fact.item)) === fact.quantity;
  return visit.outcome === OUTCOMES[fact.kind] && visit.reason === (fact.reason ?? "");
}

/** The counts of a stop as they stand, or would stand with one tap: what is likely, or nothing at all for a missed one. */
export function countsOf(halt, kind, typed = {}) {
  const standsAt = (line) => (kind === "stop_missed" ? 0 : (typed[line.key] ?? line.likely));
  const own = Object.fromEntries(countedLines(halt).map((line) => [line.key, standsAt(line)]));
  const more = Object.entries(typed).filter(([key, quantity]) => !(key in own) && quantity > 0);
  return kind === "stop_missed" ? own : { ...own, ...Object.fromEntries(more) };
}

/** Return the acts that say how a stop ended, counts too. */
function ending(halt) {
  return [...halt.visits.values()].flatMap((visit) => visit.events.filter((event) => ENDS.includes(event.kind) || event.kind === "count"));
}

/** Say whether this person may open a stop again: who ended it may. */
export const mayReopen = (halt, person) => !halt.isOpen && ending(halt).every((event) => event.person === person);

/** Take back how a stop ended, its counts too; scans stay. */
export const reopenEvents = (halt) => (halt.isOpen ? [] : undoFacts(ending(halt)));

/** Take acts back; each undo belongs where that act did. */
export function undoFacts(events) {
  return [events].flat().map((event) => {
    const { id, task, plan_version, route, point } = event.event ?? event;
    const place = Object.entries({ task, plan_version, route, point }).filter(([, value]) => value != null);
    return { kind: "undo", undoes: id, ...Object.fromEntries(place) };
  });
}

/**
 * Tell a scan, at a stop or while loading. A label that was scanned here already is not told again.
 * Return `{facts, kind, code, before, earlier}`; `kind` is what the tone says.
 */
export function scanFacts(world, place, move, label) {
  const code = codeOf(label);
  const own = place.scans ?? place.loads;
  const earlier = own.find((scan) => !scan.undone && scan.move === move && scan.code === code);
  if (earlier) return { facts: [], kind: "repeated", code, earlier };
  const what = expectation(world, code, move);
  if (!place.scans) {
    const facts = { kind: "scan", plan_version: place.plan, route: place.route, holder: place.vehicle.id, crate: label, move };
    return { facts: [facts], code, ...what };
  }
  const task = taskFor(place, move, world.crates[code]?.[0] ?? "");
  return { facts: [...reachEvents(place), { kind: "scan", ...here(place, task), crate: label, move }], code, ...what };
}

/** Choose whose crate it is: the first task that still wants one of these, else the first that is open, else the first. */
export function taskFor(halt, move, item) {
  const { parts } = lineOf(halt, move, item);
  const isOpen = (task) => [null, "reached"].includes(halt.visits.get(task.id).outcome);
  const wanting = parts.find((part) => part.scanned < part.asked);
  const waiting = parts.find((part) => isOpen(part.task) && part.task.kind === parts[0].task.kind);
  return (wanting ?? waiting ?? parts[0]).task;
}

export const noteFacts = (halt, note) => [...reachEvents(halt), { kind: "note", ...here(halt, halt.tasks[0]), note }];
export const photoFacts = (halt) => [...reachEvents(halt), { kind: "photo", ...here(halt, halt.tasks[0]) }];
export const signatureFacts = (halt, signer) => [...reachEvents(halt), { kind: "signature", ...here(halt, halt.tasks[0]), ...(signer ? { note: signer } : {}) }];

const onRoute = (trip) => ({ plan_version: trip.plan, route: trip.route, holder: trip.vehicle.id });
export const addStopFacts = (trip, point) => [{ kind: "stop_added", ...onRoute(trip), point }];
/** Say how many of an item were loaded; told only where it is not what was asked for. */
export const loadFacts = (trip, item, quantity) => ({ kind: "count", ...onRoute(trip), move: "load", item, quantity, basis: "counted" });
export const closeFacts = (trip, note) => [{ kind: "route_closed", ...onRoute(trip), ...(note ? { note } : {}) }];
/** A place that no list knows: said in words, for the office to put right. */
export const routeNoteFacts = (trip, note) => [{ kind: "note", ...onRoute(trip), note }];
