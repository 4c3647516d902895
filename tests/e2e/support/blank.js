// A page without an element, for what a page's own code does to one that it makes, or to a controller.

import { inPage } from './element.js';
import { startGateway } from './gateway.js';

/** Runs `script` there, with the module's exports at hand; answers what it resolves to and every rejection that nobody handled. */
export async function onBlankPage(t, driver, script, ...given) {
  const gateway = await startGateway(t);
  await driver.get(gateway.url('test/blank.html'));
  return inPage(
    driver,
    `await until(() => 'ready' in document.body.dataset);
     const stray = [];
     addEventListener('unhandledrejection', ({ reason }) => stray.push(String(reason)));
     addEventListener('error', ({ message }) => stray.push(message));
     const { PairingController, SendApiClient, mount } = window.module;
     const { SendApiPairingElement } = await window.load('/sendapi-pairing/define.js');
     const endpoint = '/api/whatsapp';
     const box = (options) => Object.assign(new SendApiPairingElement(), { endpoint, trigger: 'load', ...options });
     const awaiting = (pairing) => until(() => (pairing.phase ?? '') === 'awaiting-scan');
     const outcome = await (async () => { ${script} })();
     // Rejections that nobody handles are told in a task of their own.
     await new Promise((resolve) => setTimeout(resolve));
     return { outcome, stray };`,
    ...given,
  );
}
