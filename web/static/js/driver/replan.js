/**
 * A day that was planned anew while the phone was away: what was begun stays, and the difference is told.
 * Pure, like day.js.
 */

const MUCH_LATER_MS = 10 * 60_000;
const same = (trip, other) => trip.day === other.day && trip.vehicle.id === other.vehicle.id;

/**
 * Return a fresh day with what this phone began under the plan it kept before. `begun(stop)` says whether anything was done
 * at a stop of that plan, `today` is the day that the fresh one was made on.
 */
export function carried(kept, fresh, begun, today) {
  if (!kept || kept.person.id !== fresh.person.id) return fresh;
  const trips = fresh.trips.map((trip) => {
    const before = kept.trips.find((other) => same(other, trip));
    return before ? joined(before, trip, begun) : trip;
  });
  const orphans = kept.trips.filter((trip) => trip.day === today && !fresh.trips.some((other) => same(trip, other)));
  const left = orphans.map((trip) => ({ ...trip, stops: trip.stops.filter(begun), stands: false, gone: true })).filter((trip) => trip.stops.length);
  return { ...fresh, trips: [...trips, ...left] };
}

/** Keep what was begun for tasks that have no stop in the fresh trip; the acts of all others count at their new stop. */
function joined(before, trip, begun) {
  const here = new Set(trip.stops.flatMap((stop) => stop.tasks.map((task) => task.id)));
  const past = before.stops.filter(begun).map((stop) => ({ ...stop, carried: true, tasks: stop.tasks.filter((task) => !here.has(task.id)) }));
  const earlier = [...new Set([...(before.earlier ?? []), before.route])].filter((route) => route !== trip.route);
  return { ...trip, earlier, stops: [...past.filter((stop) => stop.tasks.length), ...trip.stops] };
}

/** List what changed between two days, stop by stop: added, gone, cancelled, moved, amounts; in the order of the fresh route. */
export function differences(kept, fresh) {
  if (!kept || kept.person.id !== fresh.person.id) return [];
  return fresh.trips.flatMap((trip) => {
    const before = kept.trips.find((other) => same(other, trip));
    return before ? between(before, trip) : [{ kind: "route", vehicle: trip.vehicle.name, at: trip.departs }];
  });
}

const planned = (trip) => trip.stops.filter((stop) => !stop.carried && stop.tasks.length);

function between(before, trip) {
  const pairs = paired(planned(before), planned(trip));
  const matched = new Set(pairs.values());
  const then = planned(before).filter((stop) => matched.has(stop));
  const found = planned(trip).flatMap((stop) => {
    const was = pairs.get(stop);
    if (!was) return [{ kind: "added", name: stop.point.name, at: stop.arrives }];
    return [...moves(was, stop, then.indexOf(was) !== [...pairs.keys()].indexOf(stop)), ...amounts(was, stop)];
  });
  return [...found, ...planned(before).filter((stop) => !matched.has(stop)).flatMap((stop) => lost(stop, trip))];
}

/** Find each fresh stop's earlier self: the one with a task in common, else another one of that place. A Map in fresh order. */
function paired(then, now) {
  const left = new Set(then);
  const found = new Map();
  for (const isSame of [sharesTask, (was, stop) => was.point.id === stop.point.id]) {
    for (const stop of now.filter((each) => !found.has(each))) {
      const was = [...left].find((each) => isSame(each, stop));
      if (was && left.delete(was)) found.set(stop, was);
    }
  }
  return new Map(now.filter((stop) => found.has(stop)).map((stop) => [stop, found.get(stop)]));
}

const sharesTask = (was, stop) => stop.tasks.some((task) => was.tasks.some((other) => other.id === task.id));

/** Say that a stop is gone; one whose tasks went to another stop is not, nor one that was begun and carried over. */
function lost(stop, trip) {
  if (trip.stops.some((other) => sharesTask(stop, other))) return [];
  const { name, id } = stop.point;
  return trip.stops.some((other) => other.point.id === id) ? [{ kind: "fewer", name, at: stop.arrives }] : [{ kind: "gone", name }];
}

function moves(was, stop, isReordered) {
  const shift = Math.abs(Date.parse(stop.arrives) - Date.parse(was.arrives));
  return isReordered || shift >= MUCH_LATER_MS ? [{ kind: "moved", name: stop.point.name, was: was.arrives, at: stop.arrives }] : [];
}

function amounts(was, stop) {
  const isOff = (each) => each.tasks.length > 0 && each.tasks.every((task) => task.withdrawn);
  if (isOff(stop) && !isOff(was)) return [{ kind: "cancelled", name: stop.point.name }];
  const [then, now] = [asked(was), asked(stop)];
  const keys = [...new Set([...then.keys(), ...now.keys()])].filter((key) => (then.get(key) ?? 0) !== (now.get(key) ?? 0));
  return keys.map((key) => {
    const [move, item] = key.split(" ");
    return { kind: "amount", name: stop.point.name, move, item, was: then.get(key) ?? 0, now: now.get(key) ?? 0 };
  });
}

function asked(stop) {
  const sums = new Map();
  for (const { move, item, quantity } of stop.tasks.flatMap((task) => task.asks)) {
    sums.set(`${move} ${item}`, (sums.get(`${move} ${item}`) ?? 0) + quantity);
  }
  return sums;
}
