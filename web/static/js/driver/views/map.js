/** The route on blank paper: the list says the same in words, so a map that fails costs nothing. */

import { html } from "../../../vendor/lit-html/lit-html.js";
import { namesOf } from "../saying.js";
import { pageHead, stateBadge } from "../ui.js";

const [SCRIPT, SHEET] = ["../../../vendor/leaflet/leaflet.js", "../../../vendor/leaflet/leaflet.css"].map((path) => new URL(path, import.meta.url).href);

/** Load a script or a sheet once; the map is the only screen that needs this one. */
function loaded(tag, facts) {
  return new Promise((done, fail) => {
    const node = Object.assign(document.createElement(tag), facts, { onload: done, onerror: () => fail(new Error("no map")) });
    document.head.append(node);
  });
}

let library = null;
const leaflet = () => {
  library ??= Promise.all([
    loaded("link", { rel: "stylesheet", href: SHEET }),
    loaded("script", { src: SCRIPT }),
  ]).then(() => globalThis.L);
  library.catch(() => (library = null));
  return library;
};

class RouteMap extends HTMLElement {
  #map = null;

  async connectedCallback() {
    try {
      await leaflet();
      if (this.isConnected) this.#draw();
    } catch (error) {
      console.warn(error);
      const sentence = document.createElement("p");
      sentence.className = "map-message";
      sentence.textContent = this.ctx.t("map.failed");
      this.replaceChildren(sentence);
    }
  }

  disconnectedCallback() {
    this.#map?.remove();
    this.#map = null;
  }

  #draw() {
    const { L } = globalThis;
    const { t, day, trip, go } = this.ctx;
    const box = document.createElement("div");
    box.className = "map";
    this.replaceChildren(box);
    const map = (this.#map = L.map(box, { zoomControl: false, scrollWheelZoom: false, zoomSnap: 0.25 }));
    map.attributionControl.setPrefix(false);
    L.control.zoom({ zoomInTitle: t("map.in"), zoomOutTitle: t("map.out") }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    if (day.config.tiles) L.tileLayer(day.config.tiles, { maxZoom: 19 }).addTo(map);
    const line = L.polyline(trip.line.map(([lon, lat]) => [lat, lon]), { color: "#1f5a43", weight: 4 }).addTo(map);
    const spots = trip.halts.filter((halt) => Number.isFinite(halt.point.lat)).map((halt) => spot(L, halt, go).addTo(map));
    spot(L, { point: day.centre, stop: { position: "◆" }, centre: true }, go).addTo(map);
    const bounds = L.latLngBounds([...line.getLatLngs(), ...spots.map((each) => each.getLatLng()), [day.centre.lat, day.centre.lon]]);
    map.fitBounds(bounds, { maxZoom: 13, animate: false, padding: [40, 40] });
    towns(L, day, trip, map);
  }
}

function text(words) {
  const node = document.createElement("span");
  node.textContent = words;
  return node;
}

function spot(L, { point, stop, centre = false }, go) {
  const icon = L.divIcon({ className: `map-stop ${centre ? "map-centre" : "map-stop-number route-0"}`, iconSize: [30, 30], html: text(stop.position) });
  const name = `${centre ? "" : `${stop.position}. `}${namesOf(point)}`;
  const marker = L.marker([point.lat, point.lon], { icon, alt: name, keyboard: true, riseOnHover: true });
  marker.bindTooltip(text(name), { direction: "top", offset: [0, -14] });
  if (!centre) marker.on("click", () => go(`#/stop/${stop.id}`));
  return marker;
}

/** On blank paper the towns are the landmarks: each is named where its name covers no other name and no stop. */
function towns(L, day, trip, map) {
  const names = L.layerGroup().addTo(map);
  const place = () => {
    names.clearLayers();
    const frame = map.getSize();
    const taken = [...trip.halts.map((halt) => halt.point), day.centre].filter((point) => Number.isFinite(point.lat)).map((point) => box(map.latLngToContainerPoint([point.lat, point.lon]), 36, 36));
    for (const { name, lat, lon } of day.communes) {
      const at = map.latLngToContainerPoint([lat, lon]);
      const [wide, high] = [name.length * 8 + 10, 22];
      const spots = [[0, -28], [0, 28], [wide / 2 + 20, 0], [-wide / 2 - 20, 0]].map(([x, y]) => [[x, y], box(at.add([x, y]), wide, high)]);
      const free = spots.find(([, own]) => own.left > 0 && own.right < frame.x && own.top > 0 && own.bottom < frame.y && !taken.some((other) => crosses(own, other)));
      if (!free) continue;
      taken.push(free[1]);
      const [x, y] = free[0];
      const icon = L.divIcon({ className: "map-town", html: text(name), iconSize: [wide, high], iconAnchor: [wide / 2 - x, high / 2 - y] });
      L.marker([lat, lon], { icon, interactive: false, keyboard: false }).addTo(names);
    }
  };
  map.on("zoomend moveend resize", place);
  place();
}

const box = ({ x, y }, wide, high) => ({ left: x - wide / 2, right: x + wide / 2, top: y - high / 2, bottom: y + high / 2 });
const crosses = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

customElements.define("route-map", RouteMap);

export function view(ctx) {
  const { t, say, trip } = ctx;
  return html`
    ${pageHead(t("map.title"), { lead: trip.vehicle.name, back: [t("home.title"), "#/"] })}
    <ol class="plain map-stops">${trip.halts.map((halt) => html`<li><a href="#/stop/${halt.stop.id}">${halt.stop.position}. ${namesOf(halt.point)}</a> <span class="muted">${say.clock(halt.stop.arrives)}</span> ${halt.isOpen ? "" : stateBadge(t, halt.state)}</li>`)}</ol>
    ${trip.estimated ? html`<p class="small muted">${t("map.estimated")}</p>` : ""}
    <route-map class="map-frame" role="region" aria-label=${t("map.title")} .ctx=${ctx}></route-map>
  `;
}
