import "sendapi-pairing/define";
import type {} from "sendapi-pairing/types/react";
import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";

function Link() {
  const [number, setNumber] = useState<string | null>(null);
  return (
    <>
      <sendapi-pairing endpoint="/api/whatsapp" sessionName="Support Bot" onsendapi-connected={({ detail }) => setNumber(detail.phoneNumber)} />
      <p id="number">{number ?? "Not linked yet"}</p>
    </>
  );
}

createRoot(document.querySelector("#app")!).render(
  <StrictMode>
    <Link />
  </StrictMode>,
);
