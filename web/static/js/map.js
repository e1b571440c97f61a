/**
 * Maps on blank paper: routes drawn by colour and dash, numbered stops, names on pointing. No tiles are fetched unless the
 * territory's config names a server. The list beside a map says the same in words, so a map that fails costs nothing.
 */

const L = window.L;
const SLOTS = 6;
const STROKES = [
  { color: "#1f5a43", dashArray: null },
  { color: "#9e3523", dashArray: "12 5" },
  { color: "#2f5d78", dashArray: "3 6" },
  { color: "#80560a", dashArray: "14 4 3 4" },
  { color: "#6b3f6e", dashArray: "8 4" },
  { color: "#56635b", dashArray: "2 4" },
];
const FACES = {
  centre: { size: 30, className: "map-centre", text: () => "◆" },
  stop: { size: 30, className: "map-stop-number", text: (facts) => facts.number ?? "" },
  "left-out": { size: 24, className: "map-left-out", text: () => "!" },
  van: { size: 30, className: "map-van", text: () => "▶" },
  point: { size: 16, className: "map-loose", text: () => "" },
};

/** Everything that a person typed reaches the page as text, never as markup. */
function textNode(text) {
  const node = document.createElement("span");
  node.textContent = text;
  return node;
}

const slot = (route) => ((route % SLOTS) + SLOTS) % SLOTS;

function icon(facts) {
  const face = FACES[facts.kind] ?? FACES.point;
  const route = facts.route === undefined || facts.route === null ? "" : ` route-${slot(facts.route)}`;
  return L.divIcon({
    className: `map-stop ${face.className}${route}`,
    iconSize: [face.size, face.size],
    html: textNode(face.text(facts)),
  });
}

function marker(feature, at) {
  const facts = feature.properties;
  const name = [facts.number, facts.name].filter(Boolean).join(". ");
  const place = L.marker(at, { icon: icon(facts), alt: name, keyboard: true, riseOnHover: true });
  place.bindTooltip(textNode(facts.town ? `${name}, ${facts.town}` : name), { direction: "top", offset: [0, -14] });
  place.on("add", () => place.getElement().setAttribute("aria-label", name));
  if (facts.url) place.on("click", () => window.location.assign(facts.url));
  return place;
}

function line(feature) {
  const stroke = STROKES[slot(feature.properties.route ?? 0)];
  return { ...stroke, weight: 4, opacity: 0.9, lineCap: "butt" };
}

function draw(container, collection) {
  const map = L.map(container, { zoomControl: false, scrollWheelZoom: false, zoomSnap: 0.25, attributionControl: true });
  map.attributionControl.setPrefix(false);
  L.control.zoom({ zoomInTitle: container.dataset.zoomInLabel, zoomOutTitle: container.dataset.zoomOutLabel }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  if (container.dataset.tiles) L.tileLayer(container.dataset.tiles, { attribution: container.dataset.attribution, maxZoom: 19 }).addTo(map);

  const places = new Map();
  const shapes = L.geoJSON(collection, {
    style: line,
    pointToLayer: marker,
    onEachFeature: (feature, layer) => {
      const facts = feature.properties;
      if (feature.geometry.type === "LineString" && facts.name) layer.bindTooltip(textNode(facts.name), { sticky: true });
      if (feature.geometry.type === "Point" && facts.id !== undefined) places.set(String(facts.id), layer);
    },
  }).addTo(map);
  // clear of the zoom buttons at the left and the scale at the foot
  map.fitBounds(shapes.getBounds(), { maxZoom: 13, animate: false, paddingTopLeft: [72, 32], paddingBottomRight: [32, 48] });
  nameTowns(collection, map);
  // A wheel over the map scrolls the page until a person has shown that they mean the map.
  map.on("focus click", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());
  return places;
}

const SIDES = [
  ["right", [18, 0]],
  ["left", [-18, 0]],
  ["bottom", [0, 16]],
  ["top", [0, -16]],
];

const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
const around = (box, by) => ({ left: box.left - by, right: box.right + by, top: box.top - by, bottom: box.bottom + by });
const within = (a, b) => a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;

// On blank paper the towns are the landmarks: each is named once, on a side where its name covers nothing, or not at all.
function nameTowns(collection, map) {
  const towns = new Map();
  for (const { geometry, properties } of collection.features) {
    if (geometry.type === "Point" && properties.town && !towns.has(properties.town)) towns.set(properties.town, geometry.coordinates);
  }
  const names = L.layerGroup().addTo(map);
  const place = () => {
    names.clearLayers();
    const frame = map.getContainer().getBoundingClientRect();
    const stops = [...map.getContainer().querySelectorAll(".map-stop")].map((node) => node.getBoundingClientRect());
    const taken = [...map.getContainer().querySelectorAll(".leaflet-control")].map((node) => node.getBoundingClientRect());
    for (const [town, [lon, lat]] of towns) {
      const at = map.latLngToContainerPoint([lat, lon]);
      const isOwn = (box) => Math.hypot((box.left + box.right) / 2 - frame.left - at.x, (box.top + box.bottom) / 2 - frame.top - at.y) < 4;
      // a name close to somebody else's stop would be read as that stop's
      const others = stops.filter((box) => !isOwn(box)).map((box) => around(box, 8));
      for (const [direction, offset] of SIDES) {
        const name = L.tooltip({ permanent: true, direction, offset, className: "map-town", interactive: false });
        name.setLatLng([lat, lon]).setContent(textNode(town)).addTo(names);
        const box = name.getElement().getBoundingClientRect();
        if (within(box, frame) && ![...taken, ...others].some((other) => overlap(box, other))) {
          taken.push(box);
          break;
        }
        names.removeLayer(name);
      }
    }
  };
  map.on("zoomend resize", place);
  place();
}

function joinList(places) {
  for (const row of document.querySelectorAll("[data-map-show]")) {
    const place = places.get(row.dataset.mapShow);
    if (!place) continue;
    const point = (on) => {
      place.getElement()?.classList.toggle("map-pointed", on);
      if (on) place.openTooltip();
      else place.closeTooltip();
    };
    for (const name of ["mouseenter", "focusin"]) row.addEventListener(name, () => point(true));
    for (const name of ["mouseleave", "focusout"]) row.addEventListener(name, () => point(false));
    place.on("mouseover", () => row.classList.add("pointed"));
    place.on("mouseout", () => row.classList.remove("pointed"));
  }
}

function message(container, text) {
  const sentence = document.createElement("p");
  sentence.className = "map-message";
  sentence.textContent = text;
  container.replaceChildren(sentence);
}

async function show(container) {
  if (container.dataset.shown) return;
  container.dataset.shown = "yes";
  try {
    const answer = await fetch(container.dataset.geojson, { headers: { Accept: "application/geo+json" } });
    if (!answer.ok) throw new Error(`${answer.status} for ${container.dataset.geojson}`);
    const collection = await answer.json();
    container.replaceChildren();
    if (collection.features.length === 0) message(container, container.dataset.emptyLabel);
    else joinList(draw(container, collection));
  } catch (error) {
    console.warn(error);
    message(container, container.dataset.failedLabel);
  }
}

const showAll = (root) => root.querySelectorAll("[data-map]").forEach(show);
showAll(document);
document.addEventListener("htmx:load", (event) => showAll(event.target));
