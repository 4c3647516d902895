/** @jsxImportSource preact */
// JSX of Preact: how it writes what the element has, and what must not compile. A name with a hyphen that no type declares passes in any JSX.

import type {} from "sendapi-pairing/types/preact";
import type { PairingEventMap, SendApiPairingElement } from "sendapi-pairing";
import { useRef } from "preact/hooks";
import { getToken, headers, heard, strings, transport } from "./app.js";

export const Properties = ({ unlink }: { unlink: boolean }) => (
  <sendapi-pairing
    key="one"
    class="box"
    lang="pt-BR"
    dir="ltr"
    endpoint="/api/whatsapp"
    credentials="include"
    getToken={getToken}
    headers={headers}
    transport={transport}
    sessionId="sess_1"
    sessionName="Support Bot"
    webhookUrl="https://app.example.org/hook"
    trigger="manual"
    pollInterval={5}
    watchInterval={0}
    refreshLead={8}
    maxRefreshes={3}
    expectedPhone="+447700900123"
    allowUnlink={unlink}
    persist="none"
    persistKey="user-17"
    theme="dark"
    layout="row"
    strings={strings}
  />
);

export const Attributes = ({ unlink }: { unlink: boolean }) => (
  <sendapi-pairing
    session-id="sess_1"
    session-name="Support Bot"
    webhook-url="https://app.example.org/hook"
    poll-interval={5}
    watch-interval="0"
    refresh-lead="8"
    max-refreshes={3}
    expected-phone="+447700900123"
    allow-unlink={unlink}
    persist-key="user-17"
  />
);

export const Short = () => <sendapi-pairing endpoint="/api/whatsapp" session-name={null} pollInterval={null} layout={null} allow-unlink />;

export const Events = () => (
  <sendapi-pairing
    onClick={(event) => heard(event.clientX)}
    onsendapi-ready={({ detail }) => heard(detail)}
    onsendapi-phase-change={({ detail }) => heard(detail.phase, detail.previous)}
    onsendapi-qr={({ detail }) => heard(detail.expiresAt, detail.attempt)}
    onsendapi-expired={({ detail }) => heard(detail)}
    onsendapi-connected={({ detail }) => heard(detail.sessionId, detail.phoneNumber, detail.resumed)}
    onsendapi-disconnected={({ detail }) => heard(detail.sessionId)}
    onsendapi-failed={({ detail }) => heard(detail.sessionId)}
    onsendapi-before-unlink={(event) => event.preventDefault()}
    onsendapi-unlinked={({ detail }) => heard(detail.sessionId)}
    onsendapi-error={({ detail }) => heard(detail.code, detail.message, detail.retryable, detail.httpStatus, detail.requestId)}
  />
);

export function Inside() {
  const element = useRef<SendApiPairingElement>(null);
  return (
    <sendapi-pairing ref={element} trigger="manual">
      <button slot="footer" onClick={() => element.current?.start({ fresh: true })}>
        Link
      </button>
    </sendapi-pairing>
  );
}

// @ts-expect-error there is no such layout
<sendapi-pairing layout="column" />;
// @ts-expect-error there is no such property
<sendapi-pairing sesionName="Support Bot" />;
// @ts-expect-error there is no API key in a browser
<sendapi-pairing apiKey="sk_test_1" />;
// @ts-expect-error the phase is read-only
<sendapi-pairing phase="idle" />;
// @ts-expect-error a text is no number
<sendapi-pairing pollInterval="5" />;
// @ts-expect-error an object is no number
<sendapi-pairing poll-interval={{ seconds: 5 }} />;
// @ts-expect-error a number is no name
<sendapi-pairing session-name={17} />;
// @ts-expect-error a text is not on or off
<sendapi-pairing allowUnlink="false" />;
// @ts-expect-error as a text it would switch it on
<sendapi-pairing allow-unlink="false" />;
// @ts-expect-error a token is asked for, not given
<sendapi-pairing getToken="token" />;
// @ts-expect-error a token is a text
<sendapi-pairing getToken={() => 17} />;
// @ts-expect-error headers are asked for, not given
<sendapi-pairing headers={{ "x-csrf-token": "1" }} />;
// @ts-expect-error a header's value is a text
<sendapi-pairing headers={() => ({ "x-csrf-token": 1 })} />;
// @ts-expect-error a transport has all four calls
<sendapi-pairing transport={{ create: async () => ({}) }} />;
// @ts-expect-error there is no such text
<sendapi-pairing strings={{ headline: "WhatsApp Business" }} />;
// @ts-expect-error a detail of another event
<sendapi-pairing onsendapi-qr={({ detail }) => heard(detail.phoneNumber)} />;
// @ts-expect-error a listener to another event
<sendapi-pairing onsendapi-qr={({ detail }: PairingEventMap["sendapi-connected"]) => heard(detail.phoneNumber)} />;
// @ts-expect-error a text is no listener
<sendapi-pairing onsendapi-ready="start()" />;
// @ts-expect-error an event has its own name, not one as the framework's events have it
<sendapi-pairing onSendapiReady={() => heard()} />;
// @ts-expect-error another element
<sendapi-pairing ref={useRef<HTMLInputElement>(null)} />;
