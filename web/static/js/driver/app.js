/** Boots the app. */

import * as install from "./install.js";
import { load, t } from "./words.js";

const main = document.getElementById("app");

function show() {
  const { fresh, kept } = install.status();
  main.textContent = [t(kept ? "shell.ready" : "shell.not_kept"), fresh ? t("shell.new") : "", install.version()].join(" ");
}

await load(document.documentElement.lang);
show();
await install.start(show);
