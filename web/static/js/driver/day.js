/**
 * A driver's day as it stands: what the server handed out, and the acts of this phone folded into it.
 * Pure, so that it is the same after a reload, on two phones, and in a test.
 */

import { beliefs, halt, listed } from "./halts.js";
import { balance, loading, loaded, unexplained } from "./sums.js";
import { grouped, merged, standing, undoneIn } from "./standing.js";

export * from "./telling.js";
export { countedLines, expectation, lineOf, linesOf, share, stateOf } from "./halts.js";
export { differs, foreseen } from "./arrivals.js";
export { carried, differences } from "./replan.js";

/** Fold acts into a day. Each act bears its author as `person`, as those in the day do. */
export function fold(bundle, events) {
  const world = worldOf(bundle, events);
  const trips = bundle.trips.map((trip) => tripOf(world, trip));
  return { ...bundle, world, trips };
}

function worldOf(bundle, events) {
  const ordered = merged(bundle.events, events);
  const undone = undoneIn(ordered);
  const stands = standing(ordered);
  const scans = ordered.filter((event) => event.kind === "scan");
  const stops = bundle.trips.flatMap((trip) => trip.stops);
  return {
    undone,
    stands,
    scans,
    person: bundle.person.id,
    crates: bundle.crates,
    items: new Map(bundle.items.map((item) => [item.id, item])),
    points: pointsOf(bundle),
    dayOf: dayIn(bundle.config.time_zone),
    // the plans under which a task has a stop here
    shown: new Map([...grouped(stops.flatMap((stop) => stop.tasks.map((task) => [task.id, stop.plan])), ([task]) => task)].map(plansOf)),
    actsOf: grouped(stands, taskOf),
    scansOf: grouped(scans, taskOf),
    added: grouped(stands.filter((event) => event.task == null), (event) => `${event.route}@${event.point}`),
    ...beliefs(stands, bundle.crates, new Set(bundle.events.map((event) => event.id))),
  };
}

const taskOf = (event) => event.task ?? null;
const plansOf = ([task, pairs]) => [task, new Set(pairs.map(([, plan]) => plan))];

/** Return what tells the day of a moment, as people at the stops name it. */
export function dayIn(zone) {
  if (!forms.has(zone)) forms.set(zone, new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short" }));
  return (at) => forms.get(zone).format(new Date(at));
}

const forms = new Map(); // each is dear to make, and every screen asks for one

/** Every place that this day knows, by its id, with all that is known of it: the list has its number, a stop its sheet. */
function pointsOf(bundle) {
  const stops = bundle.trips.flatMap((trip) => trip.stops.map((stop) => stop.point));
  const all = [...(bundle.points ?? []), bundle.centre, ...stops].filter(Boolean);
  return all.reduce((known, point) => known.set(point.id, { ...known.get(point.id), ...point }), new Map());
}

/** The routes of a trip: its own, and those of stops that were begun under an earlier plan. */
export const routesOf = (trip) => new Set([trip.route, ...(trip.earlier ?? []), ...trip.stops.map((stop) => stop.route)]);

function tripOf(world, trip) {
  const routes = routesOf(trip);
  const planned = trip.stops.map((stop) => halt(world, stop, trip));
  const extra = addedStops(world, trip, routes).map((stop) => halt(world, stop, trip));
  const halts = [...planned, ...extra];
  const waiting = halts.filter((each) => each.isOpen);
  const isLoad = (event) => event.move === "load" && event.task == null && routes.has(event.route);
  const whole = { ...trip, halts, done: halts.length - waiting.length, total: halts.length, next: waiting[0] ?? null, loads: listed(world, world.scans.filter(isLoad)) };
  const closing = world.stands.findLast((event) => event.kind === "route_closed" && event.route === trip.route) ?? null;
  const sums = loaded(world, whole);
  return { ...whole, closing, rows: loading(whole), asked: sums.asked, aboard: sums.counted, balance: balance(whole, sums.empties), over: unexplained(world, whole) };
}

/** The unplanned stops of a trip: each place once, however often it was added, and none that is planned anyway. */
function addedStops(world, trip, routes) {
  const planned = new Set(trip.stops.map((stop) => stop.point.id));
  const added = world.stands.filter((event) => event.kind === "stop_added" && routes.has(event.route) && !planned.has(event.point));
  const places = new Map(added.map((event) => [event.point, event]));
  return [...places.values()].map((event, index) => ({
    id: `added-${event.route}-${event.point}`,
    added: true,
    position: trip.stops.length + index + 1,
    route: event.route,
    plan: event.plan_version ?? trip.plan,
    arrives: event.at,
    point: world.points.get(event.point) ?? { id: event.point, name: event.point, town: "", street: "", windows: [] },
    tasks: [{ id: null, kind: "collect", partner: "", order: null, withdrawn: false, notes: [], asks: [] }],
  }));
}

/** Return the first open stop after one, or else the first open one at all. */
export function nextAfter(trip, position = 0) {
  const waiting = trip.halts.filter((each) => each.isOpen);
  return waiting.find((each) => each.stop.position > position) ?? waiting[0] ?? null;
}
