// Two versions of the package on one page, each registered twice; the later one under a tag of its own as well.

await import("/sendapi-pairing/define.js");
await import("/later/define.js");
await import("/sendapi-pairing/define.js?again");
const [own, later] = await Promise.all([import("/sendapi-pairing/index.js"), import("/later/index.js")]);
customElements.define("later-pairing", class extends later.SendApiPairingElement {});

const options = { endpoint: "/api/whatsapp", trigger: "load", pollInterval: 1, watchInterval: 1 };
document.body.style.display = "flex";
/** Puts an element of each version on the page, with these options of their own. */
window.both = (first, second) => {
  const elements = ["sendapi-pairing", "later-pairing"].map((tag) => document.createElement(tag));
  for (const element of elements) element.style.flex = "1";
  Object.assign(elements[0], options, first);
  Object.assign(elements[1], options, second);
  document.body.replaceChildren(...elements);
};
window.versions = [own, later].map(({ SendApiPairingElement }) => SendApiPairingElement.version);
window.registered = customElements.get("sendapi-pairing") === own.SendApiPairingElement;
