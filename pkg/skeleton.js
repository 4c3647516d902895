// What is on the screen before any wasm is: the box's own frame, and where that fails, words.

/** The words that take room or may be read before the wasm is there, as `src/ui/text.rs` has them; a test holds the two equal. */
export const ENGLISH = {
  heading: "Link WhatsApp",
  asks: "{site} asks to send and receive messages with your number.",
  scanTitle: "Scan this code with your phone",
  stepOpen: "Open WhatsApp on your phone",
  stepMenu: "Android: tap ⋮, then Linked devices\niPhone: tap Settings, then Linked devices",
  stepScan: "Tap Link a device and point the camera here",
  timeLeft: "This code works for {time}",
  undo: "Undo it any time on your phone: Settings, Linked devices.",
  errorOther: "Something went wrong",
  errorConfig: "This is not set up correctly",
  errorNetworkDetail: "Check your connection, then try again.",
  errorSiteDetail: "Please tell the people who run this site.",
  retryAction: "Try again",
};

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} children
 */
export function node(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** The page's word for this, or ours; what is no text is none. @param {any} strings @returns {(key: string) => any} */
const sayer = (strings) => (key) => (typeof strings?.[key] === "string" ? strings : ENGLISH)[key];

/**
 * The frame, with everything in it that keeps its place in all phases, so that nothing moves when the wasm draws it again.
 * @param {Record<string, any>} options
 * @param {Record<string, string>} state
 * @param {string} kind
 * @param {any[]} about
 * @param {any[]} buttons
 * @param {(tag: string, attributes: Record<string, string>, ...children: any[]) => any} make
 */
function frame({ theme, layout, sessionName, site, strings, quiet }, state, kind, about, buttons, make = node) {
  const say = sayer(strings);
  const host = site ?? globalThis.location?.hostname;
  /** Room for words that are not known yet. @type {(unknown: boolean) => Record<string, string>} */
  const off = (unknown) => (unknown ? { "data-off": "" } : {});
  // As `room` in src/ui/view.rs; in English the first is the longest.
  const titles = ["scanTitle", "creatingTitle", "refreshingTitle", "expiredTitle"].map((key) => say(key) ?? "");
  const room = titles.reduce((longest, words) => (words.length < longest.length ? longest : words));
  const steps = ["stepOpen", "stepMenu", "stepScan"].map((key) => make("li", {}, say(key)));
  return make(
    "div",
    { class: "base", part: "base", "data-theme": theme ?? "", "data-layout": layout ?? "", ...state },
    make(
      "header",
      { class: "header", part: "header", ...off(quiet) },
      make("slot", { name: "heading" }, make("h2", {}, say("heading"))),
      make("p", { class: "name", dir: "auto" }, sessionName === "WhatsApp" ? "" : (sessionName ?? "")),
      make("p", { class: "asks", ...off(!host) }, say("asks").replace("{site}", () => host ?? "www.example.com")),
    ),
    make(
      "div",
      { class: "body" },
      make("div", { class: "plate", part: "qr-frame", "data-kind": kind }, ...(kind === "waiting" ? [make("slot", { name: "loading" })] : [])),
      make(
        "div",
        { class: "panel" },
        make("div", { class: "status", part: "status", "data-room": room }, ...about.slice(0, 1)),
        make("div", { class: "guide", ...off(true) }, make("slot", { name: "instructions" }, make("ol", { class: "steps" }, ...steps))),
        make("div", { class: "countdown", ...off(true) }, make("i", {}), make("span", {}, say("timeLeft").replace("{time}", "0:00"))),
        make("div", { class: "about" }, ...about.slice(1)),
        make("div", { class: "actions", part: "actions" }, ...buttons),
      ),
    ),
    make("div", { class: "footer", ...off(quiet) }, make("slot", { name: "footer" }, make("p", {}, say("undo")))),
  );
}

/**
 * The box while nothing is known.
 * @param {Record<string, any>} options
 * @param {(tag: string, attributes: Record<string, string>, ...children: any[]) => any} make
 */
export function skeleton(options, make = node) {
  const line = () => make("div", { class: "line" });
  const lines = [line(), line(), line(), line()];
  return frame(options, { "data-phase": "idle", "aria-busy": "true" }, "waiting", lines, [], make);
}

/**
 * The box where there is no wasm to draw it.
 * @param {Record<string, any>} options
 * @param {{ code: string, message: string, retryable: boolean }} detail
 * @param {() => void} retry
 */
export function failure(options, { code, message, retryable }, retry) {
  const say = sayer(options.strings);
  const title = retryable ? "errorOther" : "errorConfig";
  const advice = code === "wasm_blocked" ? "errorNetworkDetail" : "errorSiteDetail";
  const about = [
    node("h2", { class: "title" }, say(title)),
    node("slot", { name: "error" }, node("p", { class: "detail", part: "error" }, say(advice))),
    // For whoever builds the page; in English, as the console is.
    node("p", { class: "note", lang: "en", dir: "ltr" }, message),
  ];
  const buttons = [];
  if (retryable) {
    const button = node("button", { type: "button", class: "primary", part: "button primary-button" }, say("retryAction"));
    button.addEventListener("click", retry);
    buttons.push(button);
  }
  const box = frame(options, { "data-phase": "error", "data-tone": "bad" }, "sign", about, buttons);
  box.querySelector(".panel")?.setAttribute("role", "alert");
  return box;
}
