/** What the app says, in one language at a time; web/app_words.py holds the sentences. */

let words = {};
let plurals = new Intl.PluralRules("fr");

/** Load the words of a language; the service worker keeps them all. Without them, what was loaded before is still said. */
export async function load(lang) {
  const answer = await fetch(`/driver/words-${lang}.json`);
  if (!answer.ok) throw new Error(`words-${lang}: ${answer.status}`);
  use(lang, await answer.json());
}

/** Speak with these words. */
export function use(lang, said) {
  words = said;
  plurals = new Intl.PluralRules(lang);
  if (globalThis.document) document.documentElement.lang = lang;
}

/** Say something; of two forms, `n` chooses. A name nobody wrote words for is shown as it is, so that it is seen. */
export function t(name, values = {}) {
  const found = words[name] ?? name;
  const said = typeof found === "string" ? found : (found[plurals.select(Number(values.n))] ?? found.other);
  return said.replace(/%\((\w+)\)s/g, (whole, key) => (key in values ? values[key] : whole));
}
