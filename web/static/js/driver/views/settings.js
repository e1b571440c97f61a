/** How the app looks and behaves on this phone, and the way out of it. */

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { dayIn } from "../day.js";
import { forgetPictures } from "../sync.js";
import { button, check, facts, more, notice, pageHead, radios, section } from "../ui.js";

/** At one in half a minute, the last hour. */
const MOST = 120;
const LANGUAGES = { fr: "Français", en: "English" };

export function view(ctx) {
  const { t, settings, setSetting, day, app, sharing } = ctx;
  const choose = (name) => (value) => setSetting({ [name]: value });
  const days = day.config.positions_days ?? 0;
  return html`
    ${pageHead(t("settings.title"), { lead: day.person.name, back: [t("home.title"), "#/"] })}
    ${radios("theme", t("settings.theme"), ["auto", "dark", "sun"].map((key) => [key, t(`settings.theme_${key}`)]), settings.theme, choose("theme"))}
    ${radios("hand", t("settings.hand"), ["right", "left"].map((key) => [key, t(`settings.hand_${key}`)]), settings.hand, choose("hand"))}
    ${radios("language", t("settings.language"), (day.config.languages ?? ["fr", "en"]).map((key) => [key, LANGUAGES[key] ?? key]), settings.language, choose("language"))}
    ${check("tone", t("settings.tone"), settings.tone, choose("tone"), t("settings.tone_note"))}
    ${days ? check("position", t("settings.position"), settings.position, choose("position"), t("settings.position_note", { n: days })) : nothing}
    ${sharing.isRefused ? notice(t("position.refused"), "attention") : sharing.isOn ? notice(t("position.shared"), "info") : nothing}
    ${days ? seen(ctx) : nothing}
    ${section(t("settings.app"), html`<div class="stack-tight">
        ${facts([[t("settings.version"), t(app.fresh ? "shell.new" : app.kept ? "shell.ready" : "shell.not_kept")], [t("settings.number"), ctx.version]])}
        ${button(t(app.fresh ? "shell.use_new" : "settings.update"), ctx.update, { kind: "secondary", glyph: "repeat", wide: true })}
        ${app.installable ? button(t("shell.install"), ctx.putOnHomeScreen, { kind: "secondary", glyph: "phone", wide: true }) : nothing}
      </div>`)}
    ${signOut(ctx)}
  `;
}

/** The driver sees what the office sees of them, no more and no less. */
function seen(ctx) {
  const { t, say, day, spots, today } = ctx;
  const look = button(t("position.see"), ctx.lookAtSpots, { kind: "secondary", glyph: "pin", wide: true });
  if (!spots) return look;
  const isToday = dayIn(day.config.time_zone);
  const list = spots.list.filter((spot) => isToday(spot.at) === today).reverse();
  const place = ({ at, lat, lon, accuracy }) => html`<li><a href="geo:${lat},${lon}">${say.clock(at)}</a> · ${lat.toFixed(5)}, ${lon.toFixed(5)} · ${t("position.doubt", { n: say.number(Math.round(accuracy)) })}</li>`;
  return html`${look}<div role="status">
    <p>${t(spots.isFresh ? "position.seen" : "position.remembered", { n: list.length })}</p>
    <ul class="plain spots">${list.slice(0, MOST).map(place)}</ul>
  </div>`;
}

/** Leave no picture of anybody's yard behind, then sign out, whatever became of them. */
function leave(event) {
  const form = event.currentTarget;
  event.preventDefault();
  forgetPictures().catch((error) => console.warn(error)).finally(() => form.submit());
}

function signOut({ t, status, day, rows }) {
  const waiting = status.waiting + status.photos;
  const form = html`<form method="post" action="/sign-out" class="stack-tight" @submit=${leave}>
    <input type="hidden" name="csrf_token" value=${day.csrf ?? ""} />
    <button type="submit" class="button button-danger-quiet button-wide">${t("settings.sign_out")}</button>
  </form>`;
  const others = rows.some((row) => row.author !== day.person.id) ? html`<p class="small muted">${t("settings.others")}</p>` : nothing;
  if (!waiting) return html`${form}${others}`;
  return html`${notice(html`<p>${t("settings.full", { n: waiting })}</p><p><a href="#/queue">${t("settings.send_first")}</a></p>`, "attention")} ${more(t("settings.all_the_same"), form)}${others}`;
}
