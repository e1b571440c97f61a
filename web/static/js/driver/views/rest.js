/** The screens that are not looked at first. */

import * as add from "./add.js";
import * as guide from "./guide.js";
import * as load from "./load.js";
import * as map from "./map.js";
import * as note from "./note.js";
import * as photo from "./photo.js";
import * as problem from "./problem.js";
import * as queue from "./queue.js";
import * as scan from "./scan.js";
import * as settings from "./settings.js";
import * as signature from "./signature.js";
import * as summary from "./summary.js";

export const REST = { add, guide, load, map, note, photo, problem, queue, scan, settings, signature, summary };
