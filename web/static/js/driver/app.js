/** Boots the app. */

import * as install from "./install.js";
import { load, t } from "./words.js";

const main = document.getElementById("app");

function show() {
  const { kept } = install.status();
  main.textContent = t(kept ? "shell.ready" : "shell.not_kept");
}

await load(document.documentElement.lang);
install.changes.addEventListener("change", show);
show();
await install.start();
