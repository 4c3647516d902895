// What is on the screen before any wasm is: the box's own frame, and where that fails, words.

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} children
 */
function node(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/**
 * @param {Record<string, any>} options
 * @param {string} phase
 * @param {string} kind
 * @param {Node[]} panel
 */
function frame({ theme, layout, sessionName }, phase, kind, panel) {
  return node(
    "div",
    { class: "base", part: "base", "data-phase": phase, "data-theme": theme ?? "", "data-layout": layout ?? "" },
    node(
      "header",
      { class: "header", part: "header" },
      node("slot", { name: "heading" }, node("h2", {}, "Link WhatsApp")),
      node("p", { class: "name", dir: "auto" }, sessionName ?? ""),
      node("p", { class: "asks" }, "\u00a0"),
    ),
    node(
      "div",
      { class: "body" },
      node("div", { class: "plate", part: "qr-frame", "data-kind": kind }),
      node("div", { class: "panel" }, ...panel),
    ),
    node("div", { class: "footer" }, node("slot", { name: "footer" }, node("p", {}, "\u00a0"))),
  );
}

/** The box while nothing is known. @param {Record<string, any>} options */
export function skeleton(options) {
  const line = (kind) => node("div", { class: `line ${kind}` });
  const box = frame(options, "idle", "waiting", [line("short"), line(""), line(""), line("short")]);
  box.setAttribute("aria-busy", "true");
  return box;
}

/**
 * The box where there is no wasm to draw it.
 * @param {Record<string, any>} options
 * @param {{ code: string, message: string, retryable: boolean }} detail
 * @param {() => void} retry
 */
export function failure(options, { code, message, retryable }, retry) {
  const title = code === "wasm_blocked" ? "The widget could not be loaded" : "This is not set up correctly";
  const panel = [
    node(
      "div",
      { class: "status", part: "status", role: "alert" },
      node("h2", { class: "title" }, title),
      node("p", { class: "detail", part: "error" }, message),
    ),
  ];
  if (retryable) {
    const button = node("button", { type: "button", class: "primary", part: "button primary-button" }, "Try again");
    button.addEventListener("click", retry);
    panel.push(node("div", { class: "actions", part: "actions" }, button));
  }
  const box = frame(options, "error", "sign", panel);
  box.dataset.tone = "bad";
  return box;
}
