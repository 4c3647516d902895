"use client";

import { useEffect, useRef } from "react";
import "sendapi-pairing/define";

export default function Pairing({ endpoint }) {
  const pairing = useRef(null);
  // React hydrates a custom element's attributes alone: what listens to one that a server rendered is added here.
  useEffect(() => {
    const element = pairing.current;
    const connected = ({ detail }) => console.log("connected", detail.sessionId);
    element.addEventListener("sendapi-connected", connected);
    return () => element.removeEventListener("sendapi-connected", connected);
  }, []);
  return <sendapi-pairing ref={pairing} endpoint={endpoint} session-name="Support Bot" />;
}
