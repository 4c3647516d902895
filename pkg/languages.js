// Words in a language other than English. This file is fetched by the first page that needs one, and of the languages only that one.

/** By tag; written out, so that a bundler sees every file. The direction stands where it is not left to right. */
const LANGUAGES = {
  ar: [() => import("./locales/ar.js"), "rtl"],
  de: [() => import("./locales/de.js")],
  es: [() => import("./locales/es.js")],
  fa: [() => import("./locales/fa.js"), "rtl"],
  fr: [() => import("./locales/fr.js")],
  he: [() => import("./locales/he.js"), "rtl"],
  hi: [() => import("./locales/hi.js")],
  id: [() => import("./locales/id.js")],
  it: [() => import("./locales/it.js")],
  ja: [() => import("./locales/ja.js")],
  ko: [() => import("./locales/ko.js")],
  nl: [() => import("./locales/nl.js")],
  pl: [() => import("./locales/pl.js")],
  pt: [() => import("./locales/pt.js")],
  ru: [() => import("./locales/ru.js")],
  tr: [() => import("./locales/tr.js")],
  uk: [() => import("./locales/uk.js")],
  ur: [() => import("./locales/ur.js"), "rtl"],
  "zh-Hans": [() => import("./locales/zh-Hans.js")],
  "zh-Hant": [() => import("./locales/zh-Hant.js")],
};

/** The tags of all languages, English aside, which is built in. */
export const languages = Object.keys(LANGUAGES);

/** What `{count}` stands for: days after which WhatsApp logs out, seconds at which a screen reader is told. */
const COUNTS = { idlePhoneNote: 14, soonEnds: 30 };

/**
 * The tag in {@link languages} that serves a reader of `tag` (BCP 47): `pt-BR` has `pt`, `zh-TW` has `zh-Hant`. Nothing where there
 * is none, or only one in another script.
 * @param {string} tag
 */
export function matching(tag) {
  try {
    // Also renames what ISO 639 has renamed: `iw` is `he`, `in` is `id`.
    const { language, script } = new Intl.Locale(tag.replaceAll("_", "-")).maximize();
    const inScript = `${language}-${script}`;
    if (inScript in LANGUAGES) return inScript;
    if (Object.hasOwn(LANGUAGES, language) && new Intl.Locale(language).maximize().script === script) return language;
  } catch {
    // No tag at all.
  }
  return undefined;
}

/**
 * The words for a reader of `tag`, with plurals and digits as that language has them.
 * @param {string} tag
 * @returns {Promise<{ lang: string, dir: string, words: Record<string, string> } | undefined>}
 */
export async function speak(tag) {
  const name = matching(tag);
  if (!name) return undefined;
  const [load, dir = "ltr"] = LANGUAGES[name];
  const { default: locale } = await load();
  // The tag as it was asked for: its region chooses digits and dates.
  const [lang] = Intl.getCanonicalLocales(tag.replaceAll("_", "-"));
  return { lang, dir, words: plain(locale, lang) };
}

/**
 * A language's data as plain words by key.
 * @param {Record<string, string | Record<string, string>>} locale
 * @param {string} lang
 * @returns {Record<string, string>}
 */
export function plain(locale, lang) {
  const numbers = new Intl.NumberFormat(lang, { useGrouping: false });
  const plurals = new Intl.PluralRules(lang);
  const words = Object.entries(locale).map(([key, text]) => {
    if (typeof text === "string") return [key, text];
    const count = COUNTS[key];
    return [key, (text[plurals.select(count)] ?? text.other).replace("{count}", numbers.format(count))];
  });
  const digits = Array.from({ length: 10 }, (_, digit) => numbers.format(digit)).join("");
  return { ...Object.fromEntries(words), digits };
}
