// The lifecycle without our box: your own view of each snapshot.

import { PairingController, type QrPath } from "sendapi-pairing";

const app = document.querySelector("#app")!;
const pairing = new PairingController({ endpoint: "/api/whatsapp", trigger: "load" });

for await (const { phase, session, remaining, error } of pairing) {
  const words = document.createElement("p");
  words.id = "number";
  words.textContent = session?.phoneNumber ?? error?.message ?? `${phase}, ${Math.ceil((remaining ?? 0) / 1000)} s left`;
  app.replaceChildren(...(pairing.code ? [draw(pairing.code)] : []), words);
}

function draw({ size, d }: QrPath) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const [name, value] of Object.entries({ viewBox: `0 0 ${size} ${size}`, width: 320, role: "img" })) svg.setAttribute(name, String(value));
  path.setAttribute("d", d);
  // Phones read dark on light.
  svg.style.background = "#fff";
  svg.append(path);
  return svg;
}
