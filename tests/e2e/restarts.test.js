// Gateways and their store are killed in mid-pairing; the person with the phone must not notice more than a pause.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { shareBrowser } from './support/browser.js';
import { property, reached } from './support/element.js';
import { launch, pages, startGateway } from './support/gateway.js';
import { readQrCode } from './support/screen.js';
import { freePort, ownFolder, startBalancer, startRedis } from './support/servers.js';

let driver;
shareBrowser((browser) => (driver = browser));

const live = (t, service, listen, flags, env) =>
  launch(t, ['--listen', listen, '--upstream', service.url('v1'), ...pages(), ...flags], { SENDAPI_KEY: 'sk_test_restarts', ...env });

async function open(base) {
  await driver.get(`${base}test/pairing.html?poll-interval=1`);
  await reached(driver, 'awaiting-scan');
  return (await property(driver, 'session')).id;
}

async function scanned(service, id) {
  assert.equal((await service.scan(await readQrCode(driver))).status, 200);
  await reached(driver, 'connected');
  assert.equal((await property(driver, 'session')).id, id, 'the same session');
  assert.equal(await service.calls('POST', /\/sessions$/), 1, 'none doubled');
}

test('a gateway that is killed and started again in mid-pairing loses nothing', async (t) => {
  const service = await startGateway(t);
  const listen = `127.0.0.1:${await freePort()}`;
  const flags = ['--state', join(ownFolder(t), 'sessions.jsonl')];
  const first = await live(t, service, listen, flags);
  const id = await open(first.base);
  await first.kill();
  await live(t, service, listen, flags);
  await scanned(service, id);
});

test('one of two gateways is killed, then their Redis is stopped and started: the widget connects', async (t) => {
  const service = await startGateway(t);
  const redis = await startRedis(t);
  const env = { REDIS_URL: redis.url };
  const [one, two] = await Promise.all([live(t, service, '127.0.0.1:0', [], env), live(t, service, '127.0.0.1:0', [], env)]);
  const id = await open(await startBalancer(t, [one.base, two.base]));
  await one.kill();
  await redis.kill();
  const refused = await fetch(`${two.base}readyz`);
  assert.equal(refused.status, 503, 'without its store a gateway says so');
  await redis.start();
  await scanned(service, id);
});
