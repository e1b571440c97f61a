/** Which screen an address names. Pure. */

const PLACE = /^#\/?(?:([a-z]+)(?:\/([^/]+))?(?:\/([a-z]+))?(?:\/([a-z]+))?)?$/;
const STOP = { scan: "scan", problem: "problem", photo: "photo", note: "note", signature: "signature" };
const OF_ROUTE = new Set(["load", "summary", "add"]);
const PLAIN = new Set(["map", "guide", "queue", "settings"]);

/** Return `{name, stop?, route?, move?}`; what names no screen is the first one. */
export function read(hash) {
  const [, first = "", second = "", third = "", fourth = ""] = PLACE.exec(hash) ?? [];
  if (first === "stop" && second) return { name: STOP[third] ?? "stop", stop: decodeURIComponent(second), move: third === "scan" ? fourth || "collect" : "" };
  if (first === "load" && second === "scan") return { name: "scan", move: "load" };
  if (OF_ROUTE.has(first)) return { name: first, route: Number(second) || null };
  return { name: PLAIN.has(first) ? first : "home" };
}

/** Find the trip and the stop that an address means, in a folded day. */
export function found(day, place, current) {
  const halt = place.stop ? day.trips.flatMap((trip) => trip.halts).find((each) => String(each.stop.id) === place.stop) : undefined;
  const named = day.trips.find((trip) => trip.route === (place.route ?? current));
  const trip = halt?.trip ? day.trips.find((each) => each.halts.includes(halt)) : (named ?? day.trips.find((each) => each.next && !each.gone) ?? day.trips[0]);
  return { trip, halt };
}
