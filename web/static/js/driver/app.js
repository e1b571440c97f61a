/** The driver's app: what is kept becomes the day, the address names a screen, and every act is recorded before it is shown. */

import { html, nothing, render } from "../../vendor/lit-html/lit-html.js";
import * as acts from "./acts.js";
import { keepAwake } from "./awake.js";
import * as clock from "./clock.js";
import { differs, fold, foreseen, dayIn, nextAfter, undoFacts } from "./day.js";
import * as handover from "./handover.js";
import * as install from "./install.js";
import * as queue from "./queue.js";
import * as routes from "./routes.js";
import { formats } from "./saying.js";
import * as sharing from "./sharing.js";
import * as store from "./store.js";
import { fetchDay } from "./sync.js";
import { button, empty, icon, progress } from "./ui.js";
import { bring, SCREENS } from "./views/all.js";
import * as words from "./words.js";

const UNDO_MS = 10_000;
const REFRESH_MS = 300_000;
const SETTLE_MS = 450;
const SIGN_IN = "/sign-in?next=/driver/";
const HOME = "/"; // with the pages of whoever is signed in
const TOP = { level: 1 }; // the whole screen is about it
const SETTINGS = { theme: "auto", hand: "right", language: "", tone: true, position: false };

const state = { bundle: null, rows: [], changes: [], drafts: {}, settings: SETTINGS, toast: null, refused: "", isAsking: true, spots: null };
let folded = null; // of the bundle and rows as they are: folded anew after each change
let toastTimer = null;
let frameDue = 0;
let followDue = null;
let shown = null; // the address that is drawn
const ending = { isOn: false, next: null, until: 0 };
const root = document.getElementById("app");

const place = () => routes.read(location.hash);

function day() {
  folded ??= state.bundle && fold(state.bundle, state.rows.map((row) => ({ ...row.event, person: row.author })));
  return folded;
}

/** Everything that a screen may ask for. */
function context() {
  const where = place();
  const today = day();
  const { trip, halt } = today ? routes.found(today, where, state.drafts.route) : {};
  const key = halt ? `stop/${halt.stop.id}` : `${where.name}/${trip?.route ?? ""}`;
  const say = formats(state.settings.language, state.bundle?.config.time_zone);
  const at = clock.now();
  const date = dayIn(state.bundle?.config.time_zone ?? "UTC")(at);
  const roads = new Map(today?.trips.map((each) => [each.route, each.day === date ? foreseen(each, at) : null]));
  return {
    day: today,
    trip,
    halt,
    say,
    t: words.t,
    go,
    act,
    end: (facts, text) => end(trip, halt, facts, text),
    record: recordAndDraw,
    move: where.move,
    road: (route) => roads.get(route),
    rows: state.rows,
    changes: state.changes,
    markSeen,
    status: queue.status(),
    settings: state.settings,
    setSetting,
    draft: state.drafts[key] ?? {},
    setDraft: (facts) => setDraft(key, facts),
    today: date,
    app: install.status(),
    version: install.version(),
    warning: install.warning(),
    sharing: sharing.status(),
    spots: state.spots,
    lookAtSpots,
    update: install.update,
    putOnHomeScreen: () => install.install(),
    sendNow: () => queue.sendNow().then(refresh),
    exportFile: () => handOn().catch(tell("queue.not_exported")),
    importFile: (input) => take(input),
    photosOf: (stop) => stop.pictures,
    placeOf: (event) => today?.world.points.get(event.point)?.name ?? "",
  };
}

function go(address) {
  if (location.hash === address) draw();
  else location.hash = address;
}

/** Keep facts, then show them; what could not be kept is said, and nothing else happens. */
async function record(facts, photos = {}) {
  const made = facts.length ? await acts.record(facts, { photos }) : [];
  state.rows = [...state.rows, ...made];
  changed();
  return made.map((row) => row.event);
}

/** For acts that come faster than frames do: each is told by what the one before left. */
async function recordAndDraw(facts) {
  const made = await record(facts);
  draw();
  return made;
}

async function act(facts, text, photos = {}) {
  try {
    const made = await record(facts, photos);
    if (made.length) toast(text, made);
    return made;
  } catch (error) {
    console.error(error);
    toast(words.t("app.not_kept"), null, "problem");
    return null;
  }
}

/** End a stop: one tap, then the next stop is there. The second tap of a double tap must not end that one unseen. */
async function end(trip, halt, facts, text) {
  const { id, position } = halt.stop;
  if (ending.isOn || (ending.next === id && performance.now() < ending.until)) return;
  ending.isOn = true;
  const from = location.hash;
  try {
    const made = facts.length ? await act(facts, text) : [];
    if (made === null) return;
    const forgotten = setDraft(`stop/${id}`, null);
    const following = nextAfter(day().trips.find((each) => each.route === trip.route), position);
    Object.assign(ending, { next: following?.stop.id, until: performance.now() + SETTLE_MS });
    // who went elsewhere meanwhile is not called back
    if (location.hash === from) go(following ? `#/stop/${following.stop.id}` : `#/summary/${trip.route}`);
    await forgotten;
  } finally {
    ending.isOn = false;
  }
}

function toast(text, made, tone = "done") {
  clearTimeout(toastTimer);
  state.toast = { text, made: made?.filter((event) => event.kind !== "stop_reached" && event.kind !== "undo") ?? [], tone };
  if (tone !== "problem") toastTimer = setTimeout(() => drop(), UNDO_MS);
  redraw();
}

function drop() {
  state.toast = null;
  redraw();
}

async function undo() {
  const { made } = state.toast;
  const halt = day().trips.flatMap((trip) => trip.halts).find((each) => made.some((event) => [...each.visits.values()].some((visit) => visit.events.some((known) => known.id === event.id))));
  state.toast = null;
  await act(undoFacts(made), words.t("app.undone"));
  if (halt) go(`#/stop/${halt.stop.id}`);
}

const tell = (key) => (error) => {
  console.warn(error);
  toast(words.t(key), null, "problem");
};

async function handOn() {
  const made = await handover.files();
  if (!made.length) return toast(words.t("queue.nothing"), null);
  const how = await handover.share(made, words.t("queue.handover.title"));
  if (how !== "stopped") toast(words.t(`queue.handover.${how}`), null);
}

async function take(input) {
  const [file] = input.files;
  input.value = "";
  if (!file) return;
  const { receipts, sentence, trouble } = await handover.take(file, state.bundle.csrf);
  if (sentence || trouble) toast(sentence ?? words.t(trouble), null, "problem");
  else toast(words.t("queue.imported", { n: receipts.length }), null);
}

async function setDraft(key, facts) {
  const draft = facts === null ? undefined : { ...state.drafts[key], ...facts };
  state.drafts = { ...state.drafts, [key]: draft };
  if (draft) draw();
  else redraw();
  await store.setMeta("drafts", state.drafts).catch((error) => console.warn(error));
}

async function setSetting(facts) {
  state.settings = { ...state.settings, ...facts };
  await store.setMeta("settings", state.settings).catch((error) => console.warn(error));
  if (facts.language) await words.load(facts.language);
  dress();
  draw();
}

async function lookAtSpots() {
  state.spots = await sharing.seen();
  draw();
}

async function markSeen() {
  // first let go, then gone from the screen: what is gone stays gone, and what came just then is shown
  const left = await store.letGo(state.changes).catch((error) => console.warn(error));
  state.changes = left ?? [];
  draw();
}

/** Put what was chosen on the page itself. */
function dress() {
  const { theme, hand, language } = state.settings;
  Object.assign(document.documentElement, { lang: language });
  document.documentElement.dataset.theme = theme;
  document.body.classList.toggle("left", hand === "left");
}

async function reread() {
  state.rows = await store.events();
  changed();
}

function changed() {
  folded = null;
  redraw();
}

/** The queue tells each step of its own; the acts are read and folded anew only where some came, or went, beside us. */
function follow() {
  clearTimeout(followDue);
  followDue = setTimeout(catchUp); // an act that is told is in the rows a turn later
}

function catchUp() {
  const { waiting, lastSent } = queue.status();
  const held = state.rows.filter((row) => row.state === "waiting").length;
  const isSame = waiting === held && lastSent === state.lastSent;
  state.lastSent = lastSent;
  if (isSame) redraw();
  else reread();
}

async function refresh() {
  const { bundle, changes, refused = "" } = await fetchDay();
  state.isAsking = false;
  state.refused = refused;
  if (bundle) Object.assign(state, { bundle, changes });
  await reread();
}

/** Draw before the next frame, once for all that changed until then. */
function redraw() {
  frameDue ||= requestAnimationFrame(draw);
}

function draw() {
  cancelAnimationFrame(frameDue);
  frameDue = 0;
  const ctx = context();
  shown = location.hash;
  root.dataset.screen = ctx.day ? "" : "welcome";
  if (!ctx.day) return render(frame(ctx, welcome(ctx), nothing), root);
  const where = place();
  const name = (where.stop && !ctx.halt) || (["map", "load", "summary", "add", "scan"].includes(where.name) && !ctx.trip) ? "home" : where.name;
  const screen = SCREENS[name];
  if (!screen) return bring().then(arrive, notBrought);
  const isOn = ctx.day.trips.some((trip) => !trip.closing && trip.halts.some((halt) => halt.state !== "to_come"));
  keepAwake(isOn);
  sharing.follow(isOn && state.settings.position && ctx.day.config.positions_days > 0);
  render(frame(ctx, screen.view(ctx), screen.foot?.(ctx) ?? nothing), root);
  root.dataset.screen = name;
}

function notBrought(error) {
  console.error(error);
  toast(words.t("app.not_brought"), null, "problem");
  go("#/");
}

function frame(ctx, main, foot) {
  const { t, day: today } = ctx;
  const sum = (name) => today.trips.reduce((all, trip) => all + trip[name], 0);
  return html`
    <header class="head"><div class="head-inner">
      <a class="brand" href="#/">${icon("bottle")}<span class="brand-name">${t("home.title")}</span></a>
      <div class="head-end"><a class="head-button" href="#/map">${icon("map")}${t("map.title")}</a><a class="head-button" href="#/settings">${icon("person")}${t("settings.short")}</a></div>
    </div></header>
    ${today?.trips.length ? progress(t, sum("done"), sum("total")) : nothing}
    <div class="main" id="main" tabindex="-1">${state.refused && today && !place().stop ? ways[state.refused](t) : nothing}${main}</div>
    <div class="thumb"><div class="toasts" role="status" aria-live="polite">${state.toast ? toastOf(t) : nothing}</div>${foot}${line(ctx)}</div>
  `;
}

const stray = (words, address, label) => html`<div class="notice notice-attention">${icon("warning")}<div><p>${words}</p><a class="button button-secondary" href=${address}>${label}</a></div></div>`;

/** Said above a day that is kept, when the server gives no newer one. */
const ways = {
  signedOut: (t) => stray(t("app.sign_in_soon"), SIGN_IN, t("app.sign_in")),
  notDriver: (t) => stray(t("shell.not_driver"), HOME, t("shell.home")),
};

function toastOf(t) {
  const { text, made, tone } = state.toast;
  return html`<div class="toast toast-${tone}">${icon(tone === "problem" ? "warning" : "check")}<p>${text}</p>
    ${made.length ? html`<button type="button" class="toast-undo" @click=${undo}>${icon("undo")}${t("app.undo")}</button>` : nothing}
    <button type="button" class="toast-close" aria-label=${t("app.close")} @click=${drop}>×</button>
  </div>`;
}

/** What the app is doing, always on screen. */
function line({ t, say, status }) {
  const waiting = status.waiting + status.photos;
  const light = waiting ? "wait" : "on";
  return html`<a class="state-line" href="#/queue">
    <svg class="light" viewBox="0 0 14 14" aria-hidden="true"><circle class="light-${light}" cx="7" cy="7" r="6" /></svg>
    <span role="status">${t(status.online ? "line.online" : "line.offline")} · ${waiting ? html`<b>${t("line.waiting", { n: waiting })}</b>` : html`<b class="all-sent">${t("line.all_sent")}</b>`}</span>
    ${status.lastSent ? html`<span>${t("line.last", { clock: say.clock(status.lastSent) })}</span>` : nothing}
  </a>`;
}

function welcome({ t }) {
  if (state.isAsking) return html`<p class="muted" role="status">${t("app.asking")}</p>`;
  if (state.refused === "signedOut") return empty(t("app.who"), t("app.sign_in_first"), "person", button(t("app.sign_in"), SIGN_IN), TOP);
  if (state.refused === "notDriver") return empty(t("app.who"), t("shell.not_driver"), "person", button(t("shell.home"), HOME), TOP);
  return empty(t("app.no_day"), t("app.no_day_why"), "van", button(t("app.again"), () => refresh()), TOP);
}

async function restore() {
  const { bundle, rows, changes, drafts, settings, place: where } = await store.kept();
  const language = settings?.language || (bundle?.person.language ?? navigator.language).slice(0, 2);
  Object.assign(state, { bundle: bundle ?? null, rows, changes: changes ?? [], drafts: drafts ?? {}, settings: { ...SETTINGS, ...settings, language: language === "fr" ? "fr" : "en" } });
  // a page that was killed opens where it was; another day begins at its beginning
  if (!location.hash && where && where.day === bundle?.trips[0]?.day) history.replaceState(null, "", where.hash);
}

function keepPlace() {
  const found = context();
  if (found.trip) state.drafts = { ...state.drafts, route: found.trip.route };
  arrive();
  store.setMeta("place", { hash: location.hash, day: state.bundle?.trips[0]?.day }).catch((error) => console.warn(error));
}

/** Show the screen that the address names from its beginning; a frame may have drawn it already. */
function arrive() {
  if (frameDue || shown !== location.hash || root.dataset.screen === "") draw();
  if (root.dataset.screen === "") return;
  window.scrollTo(0, 0);
  enter();
}

/** Put the focus on the new screen's heading, which is read out; where codes are scanned the field has it already. */
function enter() {
  const heading = root.querySelector("h1");
  if (!heading || heading.closest("driver-scan")) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

async function boot() {
  document.body.classList.add("field");
  await store.open();
  await Promise.all([restore().then(() => words.load(state.settings.language)), queue.look()]);
  dress();
  state.isAsking = !state.bundle;
  draw();
  // once that is painted
  requestAnimationFrame(() => setTimeout(() => bring().then(() => (root.dataset.whole = ""), (error) => console.warn(error))));
  window.addEventListener("hashchange", keepPlace);
  window.addEventListener("online", () => refresh());
  queue.addEventListener("change", follow);
  await queue.start();
  // nothing that is being sent is cut off by a newer app
  install.start(redraw, queue.sendNow).catch((error) => console.warn(error));
  await refresh();
  setInterval(() => document.visibilityState === "visible" && refresh(), REFRESH_MS);
}

boot();
