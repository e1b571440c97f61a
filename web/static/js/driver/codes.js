/**
 * Codes on crates, read as the server reads them (bottles/codes.py holds the words for why): one table of cases is tested
 * against both. Nothing throws: what is no code of a crate comes back as `{refusal}`, "misread" or "no_code".
 */

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const SERIAL = /^[0-9A-Z]{4,16}$/;
const PRINTED = /^([A-Z][0-9]{6,12})([B-Z])?([0-9A-Z])$/;
const FOREIGN = /^0[0-9]{13}[!-~]{1,16}$/;
const IN_LINK = /^0[0-9]{13}[!%-?A-Z_a-z"]{0,16}$/;
const BLANKS = /[\s\u001c-\u001f\u0085.-]/g;
const TYPED_AS = [
  ["&é\"'(-è_çàaqzwmAQZWM?;:!§)", "1234567890qawz;QAWZ:M,./?-"],
  ["&é\"'(-è_çà", "1234567890"],
  ["!@#$%^&*()aqzw;AQZW:", "1234567890qawzmQAWZM"],
  ["!@#$%^&*()", "1234567890"],
].map(([keys, meant]) => new Map([...keys].map((key, index) => [key, meant[index]])));

const WIRE = /^[!-~]{1,40}$/;
const ADDRESS = /^(https?:|www\.|[a-z]+:\/\/)/i;

export function checkDigit(digits) {
  const total = [...digits].reverse().reduce((sum, digit, index) => sum + Number(digit) * (index % 2 ? 1 : 3), 0);
  return String((10 - (total % 10)) % 10);
}

export function checkCharacter(body) {
  let carry = 36;
  for (const character of body) {
    carry = (carry + ALPHABET.indexOf(character)) % 36 || 36;
    carry = (carry * 2) % 37;
  }
  return ALPHABET[(37 - carry) % 36];
}

export const isForeign = (code) => FOREIGN.test(code);

/** Tell which crate a serial names and which edition of its label; another network's code is its own first edition. */
export function printed(text) {
  const [, body, letter, check] = PRINTED.exec(text) ?? [];
  if (body) {
    if (checkCharacter(body + (letter ?? "")) !== check) return { refusal: "misread" };
    if (!letter) return { code: text, edition: 1, label: text };
    return { code: body + checkCharacter(body), edition: ALPHABET.indexOf(letter) - 9, label: text };
  }
  if (isForeign(text) && checkDigit(text.slice(1, 13)) !== text[13]) return { refusal: "misread" };
  return { code: text, edition: 1, label: text };
}

/** Space a code so that a person reads it in groups: "J000 042K", "03700000000013 A17". */
export function byEye(code) {
  const group = isForeign(code) ? 14 : 4;
  return `${code.slice(0, group)} ${code.slice(group)}`;
}

/** Read what was scanned or typed; `ours` are the 12 digits of our asset type. Gives `{code, edition, label}` or `{refusal}`. */
export function read(text, ours) {
  const typed = text.trim();
  const found = readAs(typed, ours);
  // a serial has more digits than anything else: where none came through, the keyboards did not agree
  if (!found.refusal || /\p{Nd}{3}/u.test(typed)) return found;
  for (const keys of TYPED_AS) {
    const meant = readAs(Array.from(typed, (key) => keys.get(key) ?? key).join(""), ours);
    if (!meant.refusal) return meant;
  }
  return found;
}

/** Say whether the server takes a text as the name of a crate; an address is none: bottles carry them too. */
export const canBeKept = (text) => WIRE.test(text) && !ADDRESS.test(text) && !printed(text).refusal;

function readAs(typed, ours) {
  let named = typed.includes("8003/") ? inLink(typed) : typed.replace(BLANKS, "").replace(/^(?:\]C1)?\(?8003\)?(?=0[0-9]{13})/, "");
  if (named === null) return { refusal: "no_code" };
  if (isForeign(named)) {
    if (checkDigit(named.slice(1, 13)) !== named[13]) return { refusal: "misread" };
    if (named.slice(1, 13) !== ours) return { code: named, edition: 1, label: named };
    named = named.slice(14);
  }
  const code = named.toUpperCase();
  if (!SERIAL.test(code)) return { refusal: "no_code" };
  if (checkCharacter(code.slice(0, -1)) !== code.at(-1)) return { refusal: "misread" };
  return printed(code);
}

/** Return the GRAI in a Digital Link, whoever's host it names; null where there is none. */
function inLink(link) {
  const [tail] = link.slice(link.indexOf("8003/") + 5).split(/[?#]/);
  const value = tail.replace(/(?:%[0-9a-f]{2})+/gi, (escaped) => decoded(escaped));
  return tail.includes("/") || !IN_LINK.test(value) ? null : value;
}

function decoded(escaped) {
  try {
    return decodeURIComponent(escaped);
  } catch {
    return "\ufffd"; // bytes that are no character, and no part of a code
  }
}
