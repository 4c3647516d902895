// Every phase and what else a person may meet, each by its name: `await scene(name, attributes)` puts the tag on the page over a
// service that answers from a script, and resolves once the phase is there.

import { languages } from '/pkg/languages.js';
import '/pkg/define.js';

const TEXT = `2@${'k3bQx9ZvT1mYw7RfLc0JpHs8NdGa5UeO2iKtWq4XyVbM6zAoEhFjCgSlDrPnB+/'.repeat(2)},${'aGVsbG8gc2NhbiBtZSBwbGVhc2UgdGhhbmtz'},${'c2FuZGJveC1pZGVudGl0eQ=='},9fKx==`;
const NUMBER = '+447700900123';

/** Answers as SendAPI does, from what a scene says of it. */
class Service {
  status = 'pending';
  ttl = 119;
  codes = 0;
  /** Routes that do not answer. */
  held = new Set();
  /** What a route refuses with. */
  refusals = new Map();

  #code(name) {
    this.codes += 1;
    const until = new Date(Date.now() + this.ttl * 1000).toISOString();
    return { qr_code: this.broken ?? `${TEXT}${this.codes}`, [name]: until };
  }

  async #answer(route, { signal }, more = () => ({})) {
    if (this.held.has(route)) {
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    }
    const refusal = this.refusals.get(route);
    if (refusal) throw refusal;
    return {
      id: 'sess_1',
      name: 'Support Bot',
      status: this.status,
      phone_number: this.status === 'pending' ? null : NUMBER,
      created_at: '2026-03-09T14:30:00Z',
      ...more(),
    };
  }

  transport = {
    create: (_, context) => this.#answer('create', context, () => this.#code('qr_expires_at')),
    get: (_, context) => this.#answer('get', context),
    qr: (_, context) => this.#answer('qr', context, () => this.#code('expires_at')),
    remove: (_, context) => this.#answer('remove', context),
  };
}

const refusal = (status, body) => Object.assign(new Error(), { status, body });
const phase = (element, ...wanted) =>
  new Promise((resolve) => {
    const look = () => {
      if (!wanted.includes(element.getAttribute('phase'))) return;
      observer.disconnect();
      resolve();
    };
    const observer = new MutationObserver(look);
    observer.observe(element, { attributeFilter: ['phase'] });
    look();
  });
const press = (element, part) => element.shadowRoot.querySelector(`[part~="${part}"]`).click();

async function connected({ service, element }, status = 'connected', wanted = status) {
  await phase(element, 'awaiting-scan');
  service.status = status;
  await phase(element, wanted);
}

const failing = (route, status) => ({
  before: ({ service }) => service.refusals.set(route, refusal(status)),
  go: ({ element }) => phase(element, 'error'),
});

/** By name: what to set before, and how to get there. */
const SCENES = {
  idle: { attributes: { trigger: 'manual' }, go: ({ element }) => phase(element, 'idle') },
  checking: {
    attributes: { 'session-id': 'sess_1' },
    before: ({ service }) => service.held.add('get'),
    go: ({ element }) => phase(element, 'checking'),
  },
  creating: { before: ({ service }) => service.held.add('create'), go: ({ element }) => phase(element, 'creating') },
  'awaiting-scan': { go: ({ element }) => phase(element, 'awaiting-scan') },
  refreshing: {
    async go({ service, element }) {
      await phase(element, 'awaiting-scan');
      service.held.add('qr');
      press(element, 'refresh-button');
      await phase(element, 'refreshing');
    },
  },
  expired: {
    attributes: { 'max-refreshes': '0' },
    async go({ element }) {
      await phase(element, 'awaiting-scan');
      // As after ten minutes with the lid shut: a jump of the wall clock counts as sleep.
      Date.now = () => now() + 600_000;
      await phase(element, 'expired');
    },
  },
  connected: { go: (scene) => connected(scene) },
  'connected-unlink': { attributes: { 'allow-unlink': '' }, go: (scene) => connected(scene) },
  'wrong-number': {
    attributes: { 'expected-phone': '+14155550100', 'allow-unlink': '' },
    go: (scene) => connected(scene, 'connected', 'wrong-number'),
  },
  reconnecting: {
    attributes: { 'watch-interval': '1' },
    async go(scene) {
      await connected(scene);
      scene.service.status = 'disconnected';
      await phase(scene.element, 'reconnecting');
    },
  },
  failed: { go: (scene) => connected(scene, 'failed') },
  'action-required': { go: (scene) => connected(scene, 'puzzled', 'action-required') },
  unlinking: {
    attributes: { 'allow-unlink': '' },
    async go(scene) {
      await connected(scene);
      press(scene.element, 'unlink-button');
      await phase(scene.element, 'unlinking');
    },
  },
  unlinked: {
    attributes: { 'allow-unlink': '' },
    async go(scene) {
      await SCENES.unlinking.go(scene);
      press(scene.element, 'unlink-button');
      await phase(scene.element, 'unlinked');
    },
  },
  'error-config': { before: ({ element }) => (element.transport = null), attributes: { endpoint: '' }, go: ({ element }) => phase(element, 'error') },
  'error-sign-in': failing('create', 401),
  'error-forbidden': failing('create', 403),
  'error-quota': failing('create', 402),
  'error-gone': { ...failing('get', 404), attributes: { 'session-id': 'sess_1' } },
  'error-invalid': failing('create', 422),
  'error-unverified': {
    before({ service }) {
      service.broken = blank();
    },
    go: ({ element }) => phase(element, 'expired', 'error'),
  },
  offline: {
    async go({ element }) {
      await phase(element, 'awaiting-scan');
      Object.defineProperty(navigator, 'onLine', { value: false, configurable: true });
      window.dispatchEvent(new Event('offline'));
    },
  },
};

/** A picture in which there is no code. */
function blank() {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 120;
  const ink = canvas.getContext('2d');
  ink.fillStyle = '#fff';
  ink.fillRect(0, 0, 120, 120);
  ink.fillStyle = '#000';
  for (let at = 8; at < 112; at += 16) ink.fillRect(at, at, 12, 12);
  return canvas.toDataURL('image/png');
}

const now = Date.now;
const stage = document.querySelector('#stage');

window.scenes = Object.keys(SCENES);
window.languages = ['en', ...languages];

/** Plays a scene; `attributes` go to the element, `width` to what it stands in. */
window.scene = async (name, attributes = {}, width = '') => {
  delete navigator.onLine;
  Date.now = now;
  sessionStorage.clear();
  const { attributes: own = {}, before = () => {}, go } = SCENES[name];
  const service = new Service();
  const element = document.createElement('sendapi-pairing');
  const all = { 'session-name': 'Support Bot', trigger: 'load', 'poll-interval': '0.2', persist: 'none', ...own, ...attributes };
  for (const [key, value] of Object.entries(all)) element.setAttribute(key, value);
  element.transport = service.transport;
  const playing = (window.playing = { service, element });
  before(playing);
  stage.style.width = width;
  stage.replaceChildren(element);
  await go(playing);
  await element.ready.catch(() => {});
  // One frame for the view, and the end of what moves once.
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  for (const animation of element.shadowRoot.getAnimations()) if (animation.effect.getTiming().iterations !== Infinity) animation.finish();
  return element.getAttribute('phase');
};

window.played = true;
