/**
 * When the van comes to the stops still to come: the rule of web/arrivals.py, and one table of cases holds both.
 * Pure; every time is in milliseconds.
 */

/** A difference smaller than this is none: nobody sets a watch by a van. */
export const CLOSE_MS = 5 * 60_000;

const lastOf = (one) => one.ended ?? one.began;
const latest = (all, at) => all.reduce((best, one) => (best === null || at(one) > at(best) ? one : best), null);

/**
 * `stops` are `{id, arrives, starts, leaves}` in order, `told` is a Map of id to `{began, ended}`, `added` the same of stops
 * that the plan has not. Return `{stops: Map of id to {arrives, starts, leaves, late}, home, why}`.
 */
export function forecast({ departs, returns, stops, told, now, added = [] }) {
  const last = latest(stops.filter((stop) => told.has(stop.id)), (stop) => lastOf(told.get(stop.id)));
  const heard = latest([...told.values(), ...added], lastOf);
  const isThere = Boolean(last) && heard === told.get(last.id) && heard.ended === null;
  let at = freeAt(heard, isThere ? last.leaves - last.starts : 0, departs, now);
  const found = new Map();
  for (const stop of toCome(stops, told, last)) {
    const before = stops[stops.indexOf(stop) - 1]?.leaves ?? departs;
    const one = expected(stop, at + stop.arrives - before, now);
    found.set(stop.id, one);
    at = one.leaves;
  }
  const home = Math.max(now, at + returns - (stops.at(-1)?.leaves ?? departs));
  return { stops: found, home, why: isThere ? "there" : why([...found.values()][0], heard, now) };
}

/** Return what is expected at a stop, where that is not as planned; nothing after a silence: nobody knows. */
export function differs(found, stop) {
  const one = found.stops.get(stop);
  return one && Math.abs(one.late) >= CLOSE_MS && found.why !== "silent" ? one : null;
}

function freeAt(heard, service, departs, now) {
  if (!heard) return departs;
  return heard.ended ?? Math.max(now, heard.began + service);
}

/** On from the last stop it was at, then those it passed over. */
function toCome(stops, told, last) {
  const here = stops.indexOf(last) + 1;
  return [...stops.slice(here), ...stops.slice(0, here)].filter((stop) => !told.has(stop.id));
}

function expected(stop, reached, now) {
  const arrives = Math.max(reached, now);
  const starts = stop.starts > stop.arrives ? Math.max(arrives, stop.starts) : arrives;
  return { arrives, starts, leaves: starts + stop.leaves - stop.starts, late: starts - stop.starts };
}

function why(first, heard, now) {
  if (!first || Math.abs(first.late) < CLOSE_MS) return "plan";
  if (first.arrives === now && (!heard || lastOf(heard) < now)) return "silent";
  return first.late > 0 ? "late" : "early";
}

const moment = (iso) => Date.parse(iso);

/** Say what a folded trip comes to at a moment; a closed one, or one of another day, is not foreseen. */
export function foreseen(trip, now) {
  if (trip.closing || trip.gone) return null;
  const planned = trip.halts.filter((halt) => !halt.added && !halt.stop.carried);
  const heard = (halts) => halts.filter((halt) => halt.state !== "to_come").map((halt) => [halt.stop.id, happened(halt)]).filter(([, one]) => one);
  const stops = planned.map(({ stop }) => ({ id: stop.id, arrives: moment(stop.arrives), starts: moment(stop.starts), leaves: moment(stop.leaves) }));
  const added = heard(trip.halts.filter((halt) => !planned.includes(halt))).map(([, one]) => one);
  return forecast({ departs: moment(trip.departs), returns: moment(trip.returns), stops, told: new Map(heard(planned)), now: moment(now), added });
}

const TOLD = ["stop_reached", "stop_done", "stop_partly", "stop_missed"];

/** When the van was first at a stop, and when it had done all there was. */
function happened(halt) {
  const visits = [...halt.visits.values()].map((visit) => visit.events.filter((event) => TOLD.includes(event.kind)).map((event) => moment(event.at)));
  const all = visits.flat();
  if (!all.length) return null;
  return { began: Math.min(...all), ended: halt.isOpen ? null : Math.max(...all) };
}
