// The playground: settings on one side, the element on its sandbox on the other, its events, and the code for what is to be seen.

import "../sendapi-pairing/define.js";
import { languages } from "../sendapi-pairing/languages.js";
import { stacks } from "./code.js";
import { begin, faults, phases } from "./scenes.js";

const $ = (selector) => document.querySelector(selector);
const form = /** @type {HTMLFormElement} */ ($("#settings"));
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

const DEFAULTS = { scene: "awaiting-scan", compare: "off", theme: "auto", lang: "en", dir: "auto", layout: "auto", width: "720", accent: "", unlink: "", stack: "HTML" };
const WIDE = "720";
/** What stands side by side: each a setting that differs. */
const COMPARE = {
  off: [{}],
  themes: [{ theme: "light" }, { theme: "dark" }],
  widths: [{ width: WIDE }, { width: "360" }, { width: "240" }],
  directions: [{ lang: "en" }, { lang: "ar" }],
  languages: ["en", "de", "pt", "ja", "hi", "fa"].map((lang) => ({ lang, width: "340" })),
};

const known = (lang) => new Intl.DisplayNames("en", { type: "language" }).of(lang);
const options = {
  compare: Object.keys(COMPARE),
  theme: ["auto", "light", "dark"],
  dir: ["auto", "ltr", "rtl"],
  layout: ["auto", "stack", "row"],
};
for (const [name, values] of Object.entries(options)) form.elements[name].append(...values.map((value) => new Option(value)));
form.elements.lang.append(...["en", ...languages].map((lang) => new Option(known(lang), lang)));
const group = (label, names) => make("optgroup", { label }, ...names.map((name) => new Option(name)));
form.elements.scene.append(group("Phases", Object.keys(phases)), group("Stories and faults", faults));

// The settings live in the address, so that a view can be sent to somebody.
const settings = { ...DEFAULTS, ...Object.fromEntries(new URLSearchParams(location.hash.slice(1))) };
for (const name of Object.keys(DEFAULTS)) {
  const field = form.elements[name];
  if (!field) continue;
  if (field.type === "checkbox") field.checked = settings[name] === "on";
  else field.value = settings[name] || (name === "accent" ? "#0b7a4b" : field.value);
}

/** The attributes of the tag for these settings: what is at its default is left out. */
function attributesOf({ theme, lang, dir, layout, unlink }, own) {
  const chosen = { theme, lang, dir, layout };
  const named = Object.fromEntries(Object.entries(chosen).filter(([name, value]) => value !== DEFAULTS[name]));
  return { endpoint: "/api/whatsapp", "session-name": "Support Bot", ...(unlink === "on" ? { "allow-unlink": "" } : {}), ...own, ...named };
}

let playing = [];

function play() {
  $("#log").replaceChildren();
  $("#answer").value = "";
  playing = COMPARE[settings.compare].map((difference) => {
    const own = { ...settings, ...difference };
    const element = document.createElement("sendapi-pairing");
    const scene = begin(element, own.scene);
    for (const [name, value] of Object.entries(attributesOf(own, {}))) if (name !== "endpoint") element.setAttribute(name, value);
    if (own.accent) element.style.setProperty("--sendapi-accent", own.accent);
    const caption = Object.values(difference).join(", ");
    const figure = make("figure", {}, ...(caption ? [make("figcaption", { textContent: caption })] : []), element);
    figure.style.width = `${own.width}px`;
    return { ...scene, element, figure };
  });
  $("#stage").replaceChildren(...playing.map(({ figure }) => figure));
  for (const { run } of playing) run().catch(() => {});
  showCode();
}

function showCode() {
  const [{ attributes }] = playing;
  // `session-id` and the like belong to the scene, not to the page that somebody builds.
  const { "session-id": _, ...shown } = attributes;
  $("#sample code").textContent = stacks[settings.stack](attributesOf(settings, shown), settings.accent ? `--sendapi-accent: ${settings.accent};` : "");
  for (const tab of $("#stacks").children) {
    tab.ariaSelected = String(tab.textContent === settings.stack);
    tab.tabIndex = tab.textContent === settings.stack ? 0 : -1;
  }
}

function remember() {
  const changed = Object.entries(settings).filter(([name, value]) => name in DEFAULTS && value !== DEFAULTS[name]);
  history.replaceState(null, "", `#${new URLSearchParams(changed)}`);
  form.elements.pixels.value = `${settings.width} px`;
}

form.addEventListener("input", ({ target }) => {
  settings[target.name] = target.type === "checkbox" ? (target.checked ? "on" : "") : target.value;
  remember();
  // A width needs no new pairing: that it adapts is what is to be seen.
  if (target.name === "width" && settings.compare === "off") playing[0].figure.style.width = `${settings.width}px`;
  else play();
});
form.addEventListener("submit", (event) => event.preventDefault());

$("#phone").addEventListener("click", async ({ target }) => {
  const { act } = target.dataset;
  if (act === "replay") return play();
  if (!act) return undefined;
  const answers = await Promise.allSettled(playing.map(({ sandbox }) => sandbox[act]()));
  const [{ status, value, reason }] = answers;
  $("#answer").value = status === "fulfilled" ? `The session is ${value.status}.` : reason.message;
  return undefined;
});

const NAMES = ["ready", "phase-change", "qr", "expired", "connected", "disconnected", "failed", "before-unlink", "unlinked", "error"];
for (const name of NAMES) {
  document.addEventListener(`sendapi-${name}`, ({ type, detail, target }) => {
    const place = playing.length > 1 ? `${playing.findIndex(({ element }) => element === target) + 1} · ` : "";
    const time = new Date().toLocaleTimeString("en-GB");
    $("#log").prepend(make("li", { textContent: `${time}  ${place}${type} ${detail ? JSON.stringify(detail) : ""}` }));
  });
}

$("#stacks").append(...Object.keys(stacks).map((name) => make("button", { type: "button", role: "tab", textContent: name })));
for (const tab of $("#stacks").children) tab.setAttribute("aria-controls", "sample");
$("#stacks").addEventListener("click", ({ target }) => {
  if (target.role !== "tab") return;
  settings.stack = target.textContent;
  remember();
  showCode();
});
$("#stacks").addEventListener("keydown", ({ key, target }) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (!step) return;
  const tabs = [...$("#stacks").children];
  const next = tabs[(tabs.indexOf(target) + step + tabs.length) % tabs.length];
  next.click();
  next.focus();
});
$("#copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText($("#sample code").textContent);
  $("#copy").textContent = "Copied";
  setTimeout(() => ($("#copy").textContent = "Copy"), 2000);
});

remember();
play();
