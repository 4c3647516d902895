// Names of the public surface, once. The manifest and the types are held against these lists by a test.

/** Attributes that hold a text, with the property and the option of the same name. */
export const TEXT_ATTRIBUTES = {
  endpoint: "endpoint",
  "session-id": "sessionId",
  "session-name": "sessionName",
  "webhook-url": "webhookUrl",
  credentials: "credentials",
  trigger: "trigger",
  "expected-phone": "expectedPhone",
  persist: "persist",
  "persist-key": "persistKey",
  theme: "theme",
  layout: "layout",
};

/** Attributes that hold a number; a text that is none counts as absent, as HTML's own attributes do it. */
export const NUMBER_ATTRIBUTES = {
  "poll-interval": "pollInterval",
  "watch-interval": "watchInterval",
  "refresh-lead": "refreshLead",
  "max-refreshes": "maxRefreshes",
};

/** Attributes that are there or not. */
export const FLAG_ATTRIBUTES = { "allow-unlink": "allowUnlink" };

/** Texts an attribute may have; another one counts as absent. */
export const ALLOWED = {
  credentials: ["same-origin", "include", "omit"],
  trigger: ["visible", "load", "manual"],
  persist: ["session", "none"],
  theme: ["auto", "light", "dark"],
  layout: ["auto", "stack", "row"],
};

/** Properties that are objects or functions and have no attribute. */
export const OBJECT_PROPERTIES = ["getToken", "headers", "transport", "strings"];

/** A change of one of these is another pairing: one user's session must not stay on the screen for the next. */
export const RESTARTING = ["endpoint", "session-id", "persist-key"];

export const EVENTS = [
  "sendapi-ready",
  "sendapi-phase-change",
  "sendapi-qr",
  "sendapi-expired",
  "sendapi-connected",
  "sendapi-disconnected",
  "sendapi-failed",
  "sendapi-before-unlink",
  "sendapi-unlinked",
  "sendapi-error",
];

/** The one event whose default can be prevented. */
export const CANCELABLE = "sendapi-before-unlink";

/** How a secret key begins; none may be anywhere near a browser. The locale `sk_SK` is none. */
export const SECRET_KEY = /[^a-zA-Z]sk_(live|test)_|^\s*sk_(?!SK\b)/;
