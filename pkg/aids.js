// What helps where a code cannot simply be scanned: on a phone, whose camera cannot see its own screen, and where the code is drawn too
// small. Fetched where one of the two is so.

import { node } from "./skeleton.js";

/** The words of this file, by the keys of `strings`. */
export const WORDS = {
  handoffTitle: "A phone cannot scan its own screen",
  handoffDetail: "Open this page on a computer or tablet, then scan the code there with this phone.",
  shareAction: "Send this page",
  copyAction: "Copy the link",
  copiedNote: "Link copied",
  enlargeAction: "Enlarge",
  closeAction: "Close",
};

const CSS = `
.handoff{display:none;gap:6px;width:100%;padding:calc(var(--_space)*1.75);border-radius:calc(var(--_radius)*.75);background:var(--_soft);grid-column:1/-1}
.handoff h2{font-weight:600;font-size:17px;line-height:1.35}
.handoff .links{display:flex;flex-wrap:wrap;gap:var(--_space);align-items:center;margin-top:6px}
.handoff .link{color:var(--_muted);font-size:13px;overflow-wrap:anywhere;user-select:all}
.handoff output:empty{display:none}
.handoff button:not(.primary,:hover){background:var(--_surface)}
:is([data-phase=idle],[data-phase=creating],[data-phase=awaiting-scan],[data-phase=refreshing],[data-phase=expired]) .handoff{display:grid}
.enlarge{position:static}
.base:not([data-phase=awaiting-scan]) .enlarge{display:none}
.base dialog{box-sizing:border-box;width:min(100vw - 32px,100vh - 120px,720px);max-width:none;padding:16px;border:0;border-radius:16px;background:#fff;color:#15181e;color-scheme:light;forced-color-adjust:none}
dialog::backdrop{background:rgb(0 0 0/.7)}
.base dialog svg{display:block;width:100%;height:auto;margin-bottom:12px}
.base dialog button{display:block;width:100%;min-height:44px;border:1px solid #6b7280;background:#fff;color:#15181e;cursor:pointer;font-weight:600}
.base dialog button:focus-visible{outline:3px solid #0b7a4b;outline-offset:2px}`;

/** One sheet per document, as constructed sheets are. @type {WeakMap<Document, CSSStyleSheet>} */
const sheets = new WeakMap();

/**
 * @param {ShadowRoot} root
 * @param {Record<string, string> | undefined} strings
 * @returns {(key: keyof typeof WORDS) => string}
 */
function prepare(root, strings) {
  const page = root.ownerDocument;
  const sheet = sheets.get(page) ?? new /** @type {any} */ (page.defaultView).CSSStyleSheet();
  if (!sheets.has(page)) {
    sheets.set(page, sheet);
    sheet.replaceSync(CSS);
  }
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  return (key) => strings?.[key] ?? WORDS[key];
}

const button = (attributes, press) => {
  const made = node("button", { type: "button", ...attributes });
  made.addEventListener("click", press);
  return made;
};

/**
 * Says that a phone's screen cannot scan itself, and offers to send the page to another one.
 * @param {ShadowRoot} root
 * @param {Record<string, string> | undefined} strings
 */
export function handOff(root, strings) {
  const body = root.querySelector(".body");
  if (!body) return;
  const say = prepare(root, strings);
  let block = body.querySelector(".handoff");
  if (!block) {
    const said = node("output", { class: "note" });
    /** The address itself, to be marked by a touch. */
    const spell = () => {
      said.textContent = "";
      links.querySelector(".link")?.remove();
      said.before(node("p", { class: "link", dir: "ltr" }, location.href));
    };
    const copy = () => {
      const told = () => (said.textContent = say("copiedNote"));
      navigator.clipboard.writeText(location.href).then(told, spell);
    };
    const share = () => {
      navigator.share({ title: document.title, url: location.href }).catch(({ name }) => {
        // Closing the share sheet is an answer, not a fault.
        if (name !== "AbortError") spell();
      });
    };
    const links = node("div", { class: "links" });
    if (typeof navigator.share === "function") links.append(button({ class: "primary", part: "button share-button", "data-key": "shareAction" }, share));
    // The first of what there is leads.
    if (navigator.clipboard) {
      const look = links.firstChild ? "plain" : "primary";
      links.append(button({ class: look, part: "button copy-button", "data-key": "copyAction" }, copy));
    }
    links.append(said);
    // Neither is there without TLS.
    if (links.firstChild === said) spell();
    block = node(
      "div",
      { class: "handoff", part: "handoff" },
      node("h2", { "data-key": "handoffTitle" }),
      node("p", { class: "detail", "data-key": "handoffDetail" }),
      links,
    );
    body.prepend(block);
  }
  speak(block, say);
}

/**
 * Offers the code in a dialog as large as the screen bears it.
 * @param {ShadowRoot} root
 * @param {Record<string, string> | undefined} strings
 */
export function enlarge(root, strings) {
  const actions = root.querySelector(".actions");
  const code = root.querySelector(".qr");
  if (!actions || !code) return;
  const say = prepare(root, strings);
  let dialog = root.querySelector("dialog");
  if (!dialog) {
    const made = /** @type {HTMLDialogElement} */ (node("dialog", { part: "dialog" }));
    dialog = made;
    const close = button({ "data-key": "closeAction", part: "button" }, () => made.close());
    // The copy lives no longer than the code: it goes in the same turn, and the dialog with it.
    const mirror = () => {
      made.querySelector("svg")?.remove();
      if (code.hasAttribute("hidden")) made.close();
      else made.prepend(code.cloneNode(true));
    };
    const watch = new MutationObserver(mirror);
    const open = () => {
      mirror();
      watch.observe(code, { attributes: true, subtree: true });
      made.showModal();
    };
    made.addEventListener("close", () => {
      watch.disconnect();
      made.querySelector("svg")?.remove();
    });
    made.append(close);
    actions.append(button({ class: "enlarge", part: "button enlarge-button", "data-key": "enlargeAction" }, open));
    actions.closest(".base")?.append(made);
  }
  dialog.setAttribute("aria-label", say("enlargeAction"));
  speak(actions, say);
  speak(dialog, say);
}

/** @param {Element} block @param {(key: any) => string} say */
function speak(block, say) {
  for (const element of block.querySelectorAll("[data-key]")) element.textContent = say(/** @type {HTMLElement} */ (element).dataset.key);
}
