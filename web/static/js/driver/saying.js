/** Times and numbers as people here say them, and sentences that several screens share. */

import { differs } from "./arrivals.js";

let made = { key: "", say: null }; // for one driver it is always the same, and making one costs as much as drawing a screen

export function formats(lang, zone) {
  const key = `${lang} ${zone}`;
  if (made.key !== key) made = { key, say: formatsOf(lang, zone) };
  return made.say;
}

function formatsOf(lang, zone) {
  const place = { fr: "fr-FR", en: "en-GB" }[lang] ?? lang;
  const clock = new Intl.DateTimeFormat(place, { timeZone: zone, hour: "numeric", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(place, { timeZone: "UTC", weekday: "long", day: "numeric", month: "long" });
  const short = new Intl.DateTimeFormat(place, { timeZone: "UTC", day: "numeric", month: "short" });
  const number = new Intl.NumberFormat(place);
  const km = new Intl.NumberFormat(place, { maximumFractionDigits: 0 });
  return {
    clock: (at) => (lang === "fr" ? clock.format(new Date(at)).replace(":", "\u00a0h\u00a0") : clock.format(new Date(at))),
    day: (iso) => day.format(new Date(`${iso}T12:00:00Z`)),
    shortDay: (iso) => short.format(new Date(`${iso}T12:00:00Z`)),
    number: (n) => number.format(n),
    km: (metres) => `${km.format(metres / 1000)} km`,
  };
}

/** The town of a point, or nothing where its name says it already. */
export const townOf = ({ name, town }) => (town && !name.toLowerCase().includes(town.toLowerCase()) ? town : "");

export const namesOf = (point) => [point.name, townOf(point)].filter(Boolean).join(", ");

/** Say when the van comes to a stop, where what happened so far makes that another time than planned. */
export function arrivalOf({ t, say, road }, { stop, trip }) {
  const found = road(trip.route);
  const one = found && differs(found, stop.id);
  return one ? t("home.expected", { clock: say.clock(one.arrives) }) : "";
}

/** How to drive to a point: the phone's own choice, then three navigation apps. */
export function ways(t, { lat, lon }) {
  const at = `${lat.toFixed(5)},${lon.toFixed(5)}`;
  return [
    [t("stop.my_app"), `geo:${at}?q=${at}`],
    ["OsmAnd", `https://osmand.net/map/navigate/?end=${at}&profile=car`],
    ["Google Maps", `https://www.google.com/maps/dir/?api=1&destination=${at}&travelmode=driving`],
    ["Waze", `https://waze.com/ul?ll=${at}&navigate=yes`],
  ];
}

export const REASONS = ["closed", "no-access", "nothing-there", "unsafe", "van-full", "refused", "other"];
/** What a reason that needs words is called. */
export const OTHER = "other";

/** Say a reason; a newer office may know more of them than this app. */
export const reasonWords = (t, reason) => (REASONS.includes(reason) ? t(`reason.${reason}`) : reason);

/** The lines of a stop that ask for something, by what the driver does with them. */
export function wanted(t, halt) {
  const rows = (move, crates, kind) => halt.lines.filter((line) => line.move === move && line.crate === crates && line.asked).map((line) => ({ ...line, kind: kind(line.name) }));
  const plain = (name) => name;
  return {
    take: rows("collect", true, plain),
    leave: [...rows("drop", true, (name) => t("stop.empty", { crate: name })), ...rows("deliver", false, plain)],
  };
}
