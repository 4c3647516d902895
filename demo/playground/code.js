// The code for what is on the stage, for each stack.

const camel = (name) => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
const snake = (name) => name.replaceAll("-", "_");
const lines = (attributes, write) => Object.entries(attributes).map(([name, value]) => write(name, value));
const block = (parts, indent) => (parts.length > 2 ? `\n${parts.map((part) => `${indent}  ${part}`).join("\n")}\n${indent}` : parts.map((part) => ` ${part}`).join(""));

const html = (name, value) => (value === "" ? name : `${name}="${value}"`);
const styled = (attributes, style) => (style ? { ...attributes, style } : attributes);
const inReact = (style) => (style ? [`style={{ ${style.replace(/;$/, "").replace(/^(\S+): (.*)$/, '"$1": "$2"')} }}`] : []);

/** By name: from the attributes of the tag, and a line of style or none, to text. */
export const stacks = {
  HTML: (attributes, style) =>
    [
      '<script type="module" src="/sendapi-pairing/define.js"></script>',
      ...(style ? [`<style>sendapi-pairing { ${style} }</style>`] : []),
      `<sendapi-pairing${block(lines(attributes, html), "")}></sendapi-pairing>`,
      "<script>",
      '  document.querySelector("sendapi-pairing").addEventListener("sendapi-connected", (event) => {',
      "    console.log(event.detail.sessionId, event.detail.phoneNumber);",
      "  });",
      "</script>",
    ].join("\n"),
  React: (attributes, style) =>
    [
      'import "sendapi-pairing/define";',
      'import "sendapi-pairing/types/react";',
      "",
      "export function Pairing({ onConnected }) {",
      "  return (",
      `    <sendapi-pairing${block([...lines(attributes, html), ...inReact(style), "onsendapi-connected={(event) => onConnected(event.detail)}"], "    ")} />`,
      "  );",
      "}",
    ].join("\n"),
  Vue: (attributes, style) =>
    [
      "<script setup>",
      'import "sendapi-pairing/define";',
      'const emit = defineEmits(["connected"]);',
      "</script>",
      "",
      "<template>",
      `  <sendapi-pairing${block([...lines(styled(attributes, style), html), "@sendapi-connected=\"emit('connected', $event.detail)\""], "  ")} />`,
      "</template>",
    ].join("\n"),
  Svelte: (attributes, style) =>
    [
      "<script>",
      '  import "sendapi-pairing/define";',
      "  let { onconnected } = $props();",
      "</script>",
      "",
      `<sendapi-pairing${block([...lines(styled(attributes, style), html), "onsendapi-connected={(event) => onconnected(event.detail)}"], "")}></sendapi-pairing>`,
    ].join("\n"),
  Leptos: ({ theme, layout, lang, dir, ...attributes }, style) => {
    const look = [theme && `theme: "${theme}".into()`, layout && `layout: "${layout}".into()`, lang && `lang: "${lang}".into()`].filter(Boolean);
    const written = lines(attributes, (name, value) => {
      if (name === "trigger") return `trigger=Trigger::${camel(`-${value}`)}`;
      if (name === "expected-phone") return `expected_phone=PhoneNumber::parse("${value}").unwrap()`;
      if (name === "session-id") return `session_id=SessionId::parse("${value}").unwrap()`;
      if (name === "max-refreshes") return `policy=Policy { max_refreshes: ${value}, ..Policy::default() }`;
      return value === "" ? `${snake(name)}=true` : `${snake(name)}="${value}"`;
    });
    if (look.length) written.push(`look=Look { ${look.join(", ")}, ..Look::default() }`);
    const around = lines(styled(dir ? { dir } : {}, style), html);
    const indent = around.length ? "        " : "    ";
    const box = `<SendApiPairing${block(written, indent)}/>`;
    return [
      "use leptos::prelude::*;",
      "use sendapi_pairing::{SendApiPairing, core::{model::*, pairing::*}, ui::Look};",
      "",
      "#[component]",
      "fn App() -> impl IntoView {",
      // What the component has no property for is the page's.
      ...(lang ? ["    // `lang` is the language of dates; for the words see docs/languages.md, \"In Leptos\"."] : []),
      ...(around.length ? ["    view! {", `      <div ${around.join(" ")}>`, `        ${box}`, "      </div>", "    }"] : [`    view! { ${box} }`]),
      "}",
    ].join("\n");
  },
};
