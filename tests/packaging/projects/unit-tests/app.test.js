// What somebody who builds an app with the tag has in their unit tests: no browser, no server, nothing set up.

import { afterEach, expect, test } from 'vitest';
import { PairingController, SendApiClient } from 'sendapi-pairing';
import 'sendapi-pairing/define';
import { sandboxTransport } from 'sendapi-pairing/sandbox';

afterEach(() => document.body.replaceChildren());

const heard = (target, type) => new Promise((resolve) => target.addEventListener(type, ({ detail }) => resolve(detail), { once: true }));

test('an app hears that its customer is connected', async () => {
  // Nothing is laid out here, so nothing comes on the screen.
  document.body.innerHTML = '<sendapi-pairing trigger="load" poll-interval="1" lang="de"></sendapi-pairing>';
  const element = document.querySelector('sendapi-pairing');
  const connected = heard(document, 'sendapi-connected');
  element.transport = sandboxTransport({ scenario: 'connects', delay: 300 });
  await element.ready;
  await expect.poll(() => element.shadowRoot.querySelector('.qr path').getAttribute('d'), { timeout: 10_000 }).toMatch(/^M/);
  expect(element.shadowRoot.textContent).toContain('Scannen Sie diesen Code');
  expect((await connected).phoneNumber).toMatch(/^\+\d+$/);
  expect(element.phase).toBe('connected');
});

test('the lifecycle without a view', async () => {
  const pairing = new PairingController({ transport: sandboxTransport({ scenario: 'connects', delay: 300 }), trigger: 'load', pollInterval: 1, persist: 'none' });
  const phases = [];
  for await (const { phase } of pairing) {
    if (phases.at(-1) !== phase) phases.push(phase);
    if (phase === 'connected') break;
  }
  pairing.close();
  expect(phases.slice(-2)).toEqual(['awaiting-scan', 'connected']);
});

test('a story begins anew with each session', async () => {
  const transport = sandboxTransport({ scenario: 'fails', delay: 300 });
  const pairing = new PairingController({ transport, trigger: 'load', pollInterval: 1, persist: 'none' });
  const failed = () => heard(pairing, 'sendapi-failed');
  const first = await failed();
  const next = failed();
  await pairing.start({ fresh: true });
  expect((await next).sessionId).not.toBe(first.sessionId);
  pairing.close();
});

test('each call by itself', async () => {
  const client = new SendApiClient({ transport: sandboxTransport() });
  const session = await client.create({ name: 'Support Bot' });
  expect((await client.get(session.id)).status).toBe('pending');
});

test('what is missing is told', async () => {
  const element = document.createElement('sendapi-pairing');
  const failed = heard(element, 'sendapi-error');
  document.body.append(element);
  expect((await failed).code).toBe('config');
  await expect(element.ready).rejects.toMatchObject({ code: 'config' });
});

test('it is put in, moved, changed and taken out at any time', async () => {
  const element = document.createElement('sendapi-pairing');
  element.transport = sandboxTransport();
  document.body.append(element);
  const other = document.body.appendChild(document.createElement('div'));
  other.append(element);
  Object.assign(element, { sessionName: 'Support Bot', theme: 'dark', strings: { heading: 'Link' } });
  element.remove();
  document.body.append(element);
  await element.ready;
  expect(element.shadowRoot.textContent).toContain('Support Bot');
});
