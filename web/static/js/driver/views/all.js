/** The screens by the name their address has. */

import * as add from "./add.js";
import * as guide from "./guide.js";
import * as home from "./home.js";
import * as load from "./load.js";
import * as map from "./map.js";
import * as note from "./note.js";
import * as photo from "./photo.js";
import * as problem from "./problem.js";
import * as queue from "./queue.js";
import * as scan from "./scan.js";
import * as settings from "./settings.js";
import * as signature from "./signature.js";
import * as stop from "./stop.js";
import * as summary from "./summary.js";

export const SCREENS = { add, guide, home, load, map, note, photo, problem, queue, scan, settings, signature, stop, summary };
