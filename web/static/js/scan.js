/**
 * One field for typed codes and keyboard scanners. Codes are taken as fast as they come, each with its own id made here, and
 * sent one after another; an answer that does not arrive is asked for again with the same id, so nothing is lost or doubled.
 */

import { uuid7 } from "./ids.js";
import { sing, wake } from "./tones.js";

const RETRY_MS = [1_000, 2_000, 5_000, 10_000, 30_000];
const CALL_MS = 15_000;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Send one scan until an answer names its result; only a page of this app counts as an answer. */
async function deliver(url, body, onTrouble) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const answer = await fetch(url, {
        method: "POST",
        body,
        headers: { "HX-Request": "true", "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content },
        redirect: "error",
        signal: AbortSignal.timeout(CALL_MS),
      });
      const text = await answer.text();
      if (text.includes("data-scan-result")) return text;
      // The server answered and refuses: asking again with the same words would only be refused again.
      if (answer.status >= 400 && answer.status < 500 && answer.status !== 408 && answer.status !== 429) return null;
    } catch (error) {
      console.warn(error);
    }
    onTrouble();
    await pause(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]);
  }
}

function keepStateLine(waiting) {
  const line = document.querySelector("[data-state-line]");
  const words = line?.querySelector("[data-state-text]");
  if (!words) return;
  words.textContent = waiting ? `${words.dataset.waitLabel} ${waiting}` : words.dataset.allLabel;
  line.querySelector("circle").setAttribute("class", waiting ? "light-wait" : "light-on");
}

function start(form) {
  const field = form.querySelector("input[name=code]");
  const id = form.querySelector("input[name=event_id]");
  const trouble = form.querySelector("[data-scan-trouble]");
  const queue = [];
  let sending = false;

  const tell = (text) => {
    trouble.textContent = text;
    trouble.hidden = !text;
  };

  // How many wait is said for as long as the link is down, and stays true while more codes come in.
  const wait = (isCut) => {
    keepStateLine(queue.length);
    if (isCut) tell(`${form.dataset.waitingLabel} (${queue.length})`);
  };

  async function drain() {
    if (sending) return;
    sending = true;
    while (queue.length > 0) {
      keepStateLine(queue.length);
      const text = await deliver(form.action, queue[0], () => wait(true));
      queue.shift();
      if (text === null) {
        tell(form.dataset.refusedLabel);
        sing("unknown");
        continue;
      }
      tell("");
      show(text);
    }
    sending = false;
    keepStateLine(0);
  }

  function show(text) {
    const target = document.querySelector(form.dataset.scanTarget);
    const fresh = new DOMParser().parseFromString(text, "text/html").querySelector(form.dataset.scanTarget);
    if (!target || !fresh) return;
    const open = target.querySelector("details")?.open ?? false;
    target.replaceWith(fresh);
    const list = fresh.querySelector("details");
    if (list) list.open = open;
    window.htmx?.process(fresh);
    sing(fresh.dataset.scanResult);
    field.focus({ preventScroll: true });
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    wake();
    const code = field.value.trim();
    if (code) {
      if (id) id.value = uuid7();
      queue.push(new FormData(form));
      wait(!trouble.hidden);
      drain();
    }
    field.value = "";
    field.focus({ preventScroll: true });
  });

  // A scanner types wherever the focus is: give the field its focus back when a key arrives nowhere in particular.
  document.addEventListener("keydown", (event) => {
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && document.activeElement === document.body) field.focus();
  });
  window.addEventListener("beforeunload", (event) => {
    if (queue.length > 0) event.preventDefault();
  });
}

document.querySelectorAll("form[data-scan]").forEach(start);
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "scan-panel") document.querySelector("form[data-scan] input[name=code]")?.focus({ preventScroll: true });
});
