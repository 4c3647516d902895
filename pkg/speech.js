// The language of the place where an element stands: the words for it, and word of a change.

/** What it comes to, or nothing where it fails or takes long: no file of words or of aids is worth a wait for a code. @template T @param {Promise<T>} promise */
export const soon = (promise) =>
  new Promise((resolve) => {
    const late = setTimeout(resolve, 3000);
    promise
      .catch(() => {})
      .then((value) => {
        clearTimeout(late);
        resolve(value);
      });
  });

/** The nearest element with this attribute: the element itself, one around it, or one around the shadow tree that it stands in. */
function nearest(element, attribute) {
  for (let at = element; at; at = /** @type {any} */ (at.getRootNode()).host) {
    const found = at.closest(`[${attribute}]`);
    if (found) return found;
  }
  return null;
}

/**
 * @param {Element} element
 * @param {() => void} told called when what is in force was looked up again
 */
export function speechOf(element, told) {
  const speech = {
    /** What is in force; English needs no words. @type {{ lang: string, dir: string, words?: Record<string, string>, quiet?: boolean }} */
    now: { lang: "en", dir: "" },
    /** Speaks the language of this place, and goes on listening for another. */
    listen() {
      listener ??= new MutationObserver(speak);
      listener.disconnect();
      for (let root = element.getRootNode(); root; root = /** @type {any} */ (root).host?.getRootNode()) {
        listener.observe(root, { attributeFilter: ["lang", "dir"], subtree: true });
      }
      return speak();
    },
    end() {
      listener?.disconnect();
    },
  };
  /** @type {MutationObserver | undefined} */
  let listener;

  async function speak() {
    const place = nearest(element, "lang");
    const tag = place?.getAttribute("lang") ?? "";
    const towards = nearest(element, "dir");
    // A direction set as near as the language, or nearer, is the page's own choice.
    const chosen = towards && (towards === place || !towards.contains(place));
    const english = /^en\b/i.test(tag);
    let now;
    if (tag && !english) {
      if (!speech.now.words) speech.now = { ...speech.now, quiet: true };
      const words = import("./languages.js").then((languages) => languages.speak(tag));
      now = await soon(words);
      // English meanwhile, or for good.
      if (!now) words.then((late) => late && speak(), () => {});
    }
    // Another language was asked for in the meantime.
    if (nearest(element, "lang")?.getAttribute("lang") !== place?.getAttribute("lang")) return;
    now ??= { lang: english ? tag : "en", dir: english ? "ltr" : "" };
    speech.now = chosen ? { ...now, dir: "" } : now;
    told();
  }
  return speech;
}
