/** What counts as a new look at a label: one held before the camera is read many times a second, and is one scan. */

const GONE_MS = 1_000;
const SWAPPED_MS = 500;

export class Sight {
  #seen = new Map();
  #last = null;

  /** Say whether this label has just come into view; `at` is in milliseconds. */
  isNew(text, at) {
    const gone = at - (this.#seen.get(text) ?? -Infinity);
    // two labels side by side are read in turn: neither has been away
    const isNew = gone >= (this.#last === text ? GONE_MS : SWAPPED_MS);
    this.#last = text;
    this.#seen.set(text, at);
    for (const [other, when] of this.#seen) if (at - when > GONE_MS) this.#seen.delete(other);
    return isNew;
  }
}
