/** What a route adds up to: what has to be aboard, and what it brings home. */

import { linesOf } from "./halts.js";
import { grouped, keyOf, moved, ofKey, tally } from "./standing.js";

const sum = (rows, value) => rows.reduce((all, row) => all + value(row), 0);

/** Say how many of each item were to be loaded; more were, where more labels were scanned. */
export function loaded(world, trip) {
  const asked = new Map();
  const empties = new Map();
  for (const halt of trip.halts) {
    for (const line of linesOf(halt, "drop")) empties.set(line.item, (empties.get(line.item) ?? 0) + line.asked);
    for (const move of ["drop", "deliver"]) {
      for (const line of linesOf(halt, move)) asked.set(line.item, (asked.get(line.item) ?? 0) + line.asked);
    }
  }
  const codes = new Map(trip.loads.filter((scan) => !scan.undone).map((scan) => [scan.code, scan.type]));
  for (const type of new Set(codes.values())) {
    const scanned = [...codes.values()].filter((other) => other === type).length;
    const forOrders = (asked.get(type) ?? 0) - (empties.get(type) ?? 0);
    empties.set(type, Math.max(empties.get(type) ?? 0, scanned - forOrders));
  }
  const counted = new Map([...tally(loadsOf(world, trip), world.crates).counted].map(([key, n]) => [ofKey(key)[1], n]));
  // a count is of what is aboard, whatever was asked for
  for (const [item, n] of counted) empties.set(item, n);
  return { asked: sum([...asked.values()], (n) => n), empties, counted };
}

/**
 * Say what the server takes for unexplained when this route is closed (its closing.py): by item, what was loaded less what
 * was left and delivered, where that is not zero. What nobody said was loaded is what was handed over.
 */
export function unexplained(world, trip) {
  const own = new Set(trip.stops.filter((stop) => stop.plan === trip.plan).flatMap((stop) => stop.tasks.map((task) => task.id)));
  const isHere = (event) => (event.task == null ? event.route === trip.route : event.plan_version === trip.plan && own.has(event.task));
  const loads = tally(loadsOf(world, trip), world.crates);
  const visits = [...grouped(world.stands.filter((event) => OUT.includes(event.move) && isHere(event)), (event) => event.task ?? `@${event.point}`).values()];
  const tallies = visits.map((events) => tally(events, world.crates));
  const items = [...new Set([...loads.scanned.keys(), ...loads.counted.keys()])].map((key) => ofKey(key)[1]).sort();
  const out = (item) => sum(tallies, (each) => sum(OUT, (move) => moved(each, keyOf(move, item))));
  const rows = items.map((item) => ({ item, name: world.items.get(item)?.name ?? item, over: moved(loads, keyOf("load", item)) - out(item) }));
  return rows.filter((row) => row.over !== 0);
}

const OUT = ["drop", "deliver"];
const loadsOf = (world, trip) => world.stands.filter((event) => event.move === "load" && event.route === trip.route);

/** List what to load, the last stop first: it goes in first, and comes out last. */
export function loading(trip) {
  const halts = new Map(trip.halts.map((halt) => [halt.stop.id, halt]));
  const rows = trip.loading.map((row) => ({ ...row, halt: halts.get(row.stop) })).filter((row) => row.halt);
  return rows.sort((a, b) => b.halt.stop.position - a.halt.stop.position);
}

/**
 * Say what the van carries at the end, by item: `kind` is "full", "empty" or "bottle"; what came in, less what went out.
 * It is zero for what was brought and left, and below zero where more was left than loaded.
 */
export function balance(trip, empties) {
  const rows = [];
  const add = (kind, item, name, came, went) => (came || went) && rows.push({ kind, item, name, came, went, aboard: came - went });
  const all = (move, crates) => gathered(trip.halts.flatMap((halt) => linesOf(halt, move, crates)));
  for (const { item, name, moved } of all("collect", true)) add("full", item, name, moved, 0);
  const left = new Map(all("drop", true).map((line) => [line.item, line]));
  for (const item of new Set([...empties.keys(), ...left.keys()])) {
    const name = left.get(item)?.name ?? trip.halts[0]?.items.get(item)?.name ?? item;
    add("empty", item, name, empties.get(item) ?? 0, left.get(item)?.moved ?? 0);
  }
  for (const { item, name, asked, moved } of all("deliver", false)) add("bottle", item, name, asked, moved);
  return rows;
}

function gathered(lines) {
  const rows = new Map();
  for (const { item, name, asked, moved } of lines) {
    const row = rows.get(item) ?? { item, name, asked: 0, moved: 0 };
    rows.set(item, { item, name, asked: row.asked + asked, moved: row.moved + moved });
  }
  return [...rows.values()];
}

/** Say whether washed bottles and full crates ride on the same route. */
export const mixes = (trip) => trip.halts.some((halt) => halt.delivers) && trip.halts.some((halt) => sum(linesOf(halt, "collect"), (line) => line.asked));
