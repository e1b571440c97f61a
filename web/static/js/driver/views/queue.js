/** What waits on this phone, and the ways out of it. */

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { button, facts, icon, notice, pageHead, section } from "../ui.js";

const PERSISTED = { true: "queue.kept", false: "queue.may_clear" };
const MOST = 40;

export function view(ctx) {
  const { t, say, status, rows } = ctx;
  const waiting = rows.filter((row) => row.state === "waiting");
  const unread = rows.filter((row) => row.sentence);
  return html`
    ${pageHead(t("queue.title"), { back: [t("home.title"), "#/"] })}
    ${status.waiting + status.photos ? nothing : notice(t("queue.all_sent"), "done")} ${status.storageWarning ? notice(t(status.storageWarning), "attention") : nothing}
    ${status.trouble ? notice(t(status.trouble), "attention") : nothing}
    ${facts([
      [t("queue.waiting"), say.number(status.waiting)],
      [t("queue.photos"), say.number(status.photos)],
      [t("queue.last"), status.lastSent ? say.clock(status.lastSent) : t("queue.never")],
      [t("queue.storage"), t(PERSISTED[status.persisted] ?? "queue.unknown")],
    ])}
    <div class="stack-tight">
      ${button(t("queue.send"), ctx.sendNow, { glyph: "out", wide: true })} ${button(t("queue.export"), ctx.exportFile, { kind: "secondary", glyph: "download", wide: true })}
      <label class="button button-secondary button-wide">${icon("plus")}${t("queue.import")}<input class="sr-only" type="file" accept=".json,application/json" @change=${(event) => ctx.importFile(event.target)} /></label>
    </div>
    <p class="small muted">${t("queue.export_why")}</p>
    ${waiting.length ? section(t("queue.what"), html`<ol class="plain queue-list">${waiting.slice(0, MOST).map((row) => one(ctx, row))}</ol>`, { tally: say.number(waiting.length) }) : nothing}
    ${unread.length ? section(t("queue.aside"), html`<ul class="plain">${unread.map((row) => html`<li>${kindOf(ctx, row.event)}: ${row.sentence}</li>`)}</ul>`) : nothing}
  `;
}

/** A count says which: what came aboard and what was left are told apart by nothing else. */
const kindOf = ({ t }, { kind, move }) => t(kind === "count" ? `count.${move}` : `kind.${kind}`);

function one(ctx, row) {
  const { say, day, placeOf } = ctx;
  const { event } = row;
  const item = day.items.find((each) => each.id === event.item)?.name ?? "";
  const what = [event.crate, event.quantity != null ? `${event.quantity} × ${item}` : "", event.note].filter(Boolean).join(" · ");
  return html`<li><time>${say.clock(event.at)}</time> <span><b>${kindOf(ctx, event)}</b> ${[placeOf(event), what].filter(Boolean).join(" · ")}</span></li>`;
}
