/**
 * Where labels are scanned: one move at a stop, or the loading of a route. It decides what a reading is, has it recorded,
 * and holds the last result; the screen shows it. What is recorded counts from then on, before the day is folded anew.
 */

import { byEye, canBeKept, read } from "./codes.js";
import { noteFacts, routeNoteFacts, scanFacts, undoFacts } from "./day.js";

const LONGEST_NOTE = 2_000;
const LONGEST_SHOWN = 60;

export class Bench {
  /** `{kind, key, values, code, of?, offer?}`: tone, sentence, the crate it is about, a text that may be kept all the same. */
  last = null;
  #fresh = new Map();
  #noted = new Set();
  #changed;
  #sing;
  #kept = Promise.resolve();

  constructor(changed, sing) {
    this.#changed = changed;
    this.#sing = sing;
  }

  /** Take the newest fold of the day. */
  set ctx(ctx) {
    const isElsewhere = this.now?.move !== ctx.move || this.now.halt?.stop.id !== ctx.halt?.stop.id;
    this.now = ctx;
    if (isElsewhere) this.#begin();
    for (const { code } of this.scans) this.#fresh.delete(code);
  }

  #begin() {
    this.last = null;
    this.#fresh.clear();
    this.#noted.clear();
  }

  get place() {
    return this.now.halt ?? this.now.trip;
  }

  /** Scans of this move here, the last first, the undone ones too. */
  get scans() {
    return (this.place.scans ?? this.place.loads).filter((scan) => scan.move === this.now.move);
  }

  get standing() {
    return this.scans.filter((scan) => !scan.undone);
  }

  get count() {
    return new Set([...this.standing.map((scan) => scan.code), ...this.#fresh.keys()]).size;
  }

  get asked() {
    const { trip, halt, move } = this.now;
    if (!halt) return trip.asked;
    return halt.lines.reduce((sum, line) => sum + (line.crate && line.move === move ? line.asked : 0), 0);
  }

  /** Take a text; `by` is "camera", "scanner" or "hand". A machine reads what is there, a hand may slip. */
  take(text, by) {
    const found = read(text, this.now.day.config.asset_type);
    if (!found.refusal) return this.#scan(found);
    const plain = text.trim();
    const offer = canBeKept(plain) ? plain : null;
    if (by === "camera" || (by === "scanner" && offer)) return this.park(plain);
    return this.#say({ kind: "unknown", key: `scan.${found.refusal}`, code: shown(plain), offer });
  }

  /** Keep what nobody we know of would write: as a crate unknown to us where it can be one, else as a note, not counted. */
  park(text) {
    return canBeKept(text) ? this.#scan({ code: text, edition: 1, label: text }) : this.#note(text);
  }

  async undo(scan) {
    if (!(await this.#record(() => undoFacts(scan)))) return this.#lost(scan.label);
    this.#fresh.delete(scan.code);
    this.#say({ kind: "undone", key: "scan.taken_back", code: byEye(scan.label) });
  }

  async #scan({ code, edition, label }) {
    const { day, move } = this.now;
    const here = this.place;
    const { kind, before, earlier } = scanFacts(day.world, here, move, label);
    if (earlier || this.#fresh.has(code)) {
      const clock = this.now.say.clock(earlier?.at ?? this.#fresh.get(code));
      return this.#say({ kind: "repeated", key: "scan.repeated", values: { clock }, code: byEye(label) });
    }
    this.#fresh.set(code, new Date());
    if (!(await this.#record(() => scanFacts(this.now.day.world, this.#again(here), move, label).facts))) {
      this.#fresh.delete(code);
      return this.#lost(label);
    }
    return this.#say({ ...this.#told(kind, code, edition, before), code: byEye(label), of: code });
  }

  #told(kind, code, edition, before) {
    const { day, t } = this.now;
    const [type, , newest = 1] = day.crates[code] ?? [];
    const crate = day.items.find((item) => item.id === type)?.name ?? type;
    if (kind === "unknown") return { kind, key: "scan.unknown" };
    if (edition < newest) return { kind: "unexpected", key: "scan.void", values: { crate } };
    if (kind === "known") return { kind, key: "scan.known", values: { crate } };
    return { kind, key: "scan.unexpected", values: { crate, why: t(`scan.was_${before}`) } };
  }

  async #note(text) {
    const code = shown(text);
    if (this.#noted.has(text)) return this.#say({ kind: "repeated", key: "scan.noted_already", code });
    const note = text.replace(/[\p{Cc}\p{Cs}]/gu, " ").slice(0, LONGEST_NOTE);
    this.#noted.add(text);
    const here = this.place;
    if (!(await this.#record(() => (here.stop ? noteFacts(this.#again(here), note) : routeNoteFacts(here, note))))) {
      this.#noted.delete(text);
      return this.#lost(text);
    }
    return this.#say({ kind: "unknown", key: "scan.noted", code });
  }

  /** The stop as it is now, where the page still shows it: what was kept since may have told the arrival already. */
  #again(here) {
    return this.place.stop?.id === here.stop?.id ? this.place : here;
  }

  /** Keep one act after the other: what the next one says depends on those before it. */
  #record(factsOf) {
    this.#kept = this.#kept.then(async () => {
      try {
        await this.now.record(factsOf());
        return true;
      } catch (error) {
        console.error(error);
        return false;
      }
    });
    return this.#kept;
  }

  #lost(text) {
    this.#say({ kind: "unknown", key: "scan.not_kept", code: shown(text) });
  }

  #say(result) {
    this.last = result;
    this.#sing(result.kind);
    this.#changed();
  }
}

const shown = (text) => (text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN - 1)}…` : text);
