/**
 * Small comforts on every page. Each one improves something that already works without it:
 * the token sent along by htmx, number steppers, toasts that leave, sheets that close, words when a request fails.
 */

const UNDO_MS = 10_000;

const token = () => document.querySelector("meta[name=csrf-token]")?.content ?? "";

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = token();
});

/** Show a sentence where toasts appear; `tone` is "done" or "problem". */
export function say(text, tone = "done") {
  const toast = document.createElement("div");
  toast.className = `toast toast-${tone}`;
  toast.dataset.toast = "";
  const sentence = document.createElement("p");
  sentence.textContent = text;
  toast.append(sentence);
  document.getElementById("toasts")?.append(toast);
  settle(toast);
}

function dismiss(toast) {
  const held = toast.contains(document.activeElement);
  toast.remove();
  if (held) document.getElementById("main")?.focus({ preventScroll: true });
}

// A toast that says "done" leaves after ten seconds, never under the pointer or the keyboard; a problem stays until it is closed.
function settle(toast) {
  if (toast.dataset.settled) return;
  toast.dataset.settled = "yes";

  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast-close";
  close.textContent = "×";
  close.setAttribute("aria-label", document.body.dataset.dismissLabel ?? "");
  close.addEventListener("click", () => dismiss(toast));
  toast.append(close);

  if (toast.classList.contains("toast-problem")) return;
  const leave = () => {
    if (toast.matches(":hover, :focus-within")) setTimeout(leave, 2_000);
    else dismiss(toast);
  };
  setTimeout(leave, UNDO_MS);
}

function step(button) {
  const input = button.closest("[data-stepper]").querySelector("input");
  const before = input.value;
  if (Number(button.dataset.step) > 0) input.stepUp();
  else input.stepDown();
  if (input.value === before) return;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const stepButton = event.target.closest("[data-step]");
  if (stepButton) step(stepButton);

  for (const sheet of document.querySelectorAll("details.account[open]")) {
    if (!sheet.contains(event.target)) sheet.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = event.target.closest?.("details.account[open], details.confirm[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

// A second press on a slow network must not send a form twice; the server refuses it as well.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[data-scan], [data-hx-post]")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
});

// The browser's back button shows the page as it was left: let its forms be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

document.addEventListener("htmx:sendError", (event) => {
  if (!event.target.closest?.("[data-scan]")) say(document.body.dataset.offlineLabel, "problem");
});
document.addEventListener("htmx:responseError", (event) => {
  if (!event.target.closest?.("[data-scan]")) say(document.body.dataset.failedLabel, "problem");
});

function improve(root) {
  for (const button of root.querySelectorAll("[data-step][hidden]")) button.hidden = false;
  for (const toast of root.querySelectorAll("[data-toast]")) settle(toast);
}

improve(document);
document.querySelector("[data-focus]")?.focus();
document.addEventListener("htmx:load", (event) => improve(event.target));
document.addEventListener("htmx:oobAfterSwap", () => improve(document));
