/** Which place a text means: the code at its door, the address of its public page, or words of its name or town. Pure. */

const MOST = 12;
const GLN = /(?:^414|\b)(\d{13})\b/;
const PAGE = /^https?:\/\/[^/]+\/points\/([^/?#]+)/i;
const plain = (text) => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();

/** Say whether a text is a code and not words: then it names one place or none. */
export const isCode = (text) => GLN.test(text) || /:\/\//.test(text);

/** Return the place that a code names; nothing where this phone knows none. */
export function named(points, text) {
  const gln = GLN.exec(text)?.[1];
  if (gln) return points.find((point) => point.gln === gln);
  const key = PAGE.exec(text)?.[1].toLowerCase();
  return key && points.find((point) => point.id.toLowerCase() === key);
}

/** List the places that a text means. */
export function matching(points, text) {
  if (isCode(text)) return [named(points, text)].filter(Boolean);
  const words = plain(text).split(/\s+/).filter(Boolean);
  return points.filter((point) => words.every((word) => plain(`${point.name} ${point.town}`).includes(word))).slice(0, MOST);
}
