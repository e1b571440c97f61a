/** The screens by the name their address has: those that are looked at first, then all. */

import * as home from "./home.js";
import * as stop from "./stop.js";

export const SCREENS = { home, stop };

let brought = null;

/** Bring the other screens; what could not be brought is asked for anew the next time. */
export function bring() {
  brought ??= import("./rest.js").then(
    ({ REST }) => Object.assign(SCREENS, REST),
    (error) => {
      brought = null;
      throw error;
    },
  );
  return brought;
}
