"use client";

import "sendapi-pairing/define";

export default function Pairing({ endpoint }) {
  return <sendapi-pairing endpoint={endpoint} session-name="Support Bot" onsendapi-connected={({ detail }) => console.log("connected", detail.sessionId)} />;
}
