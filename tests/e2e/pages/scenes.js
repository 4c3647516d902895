// Every phase and what else a person may meet, each by its name: `await scene(name, attributes)` puts the tag on the page over a
// service that answers from a script, and resolves once the phase is there.

import { languages, speak } from '/pkg/languages.js';
import { ENGLISH } from '/pkg/skeleton.js';
import '/pkg/define.js';

// Drawn by another encoder (segno), as a service would: PNG data URLs of pairing texts.
const CODES = [
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAIIAAACCAQAAAACieC1QAAACRUlEQVR42s1WscogPQiUsw34KkJawVcPpBV8FSGt4Pk1f/HfWt+lWpYhjuM4u1D/Owf+8hvAfHgVKg8H6PkFf5zS57r1Hr+ar74xvGUbApoKPJwwyJQVjJYzZoVuRkqwCaOPNPjGBt8TH8D93+Ghryo89+7HJaCtxicfvI9amdr3Bn5jrl1atHjlTeJvTG5ugcQeM0d8Y8z2rloF8UDgGxOAIgvFKQzfoKGhLBX8wfXDJ+YdMQticzXc37VIqYhU3DB1mMWJyKsUiVYvB86LlXJfXZFr0DBv8Hku7xGQfWM8PU1b51jGAx/bdqHNmitiD/q8YtKfSflZtL8xOxYanXs2hwzeEEEPdvA8Zef7nvxpmfwejasxcHZaAnTSIWm454AIPcaSs0G++ZQus/OevSfTvGRDi/PaInm3Dr0rqxzsaRxR+cY4ECQf8GcFg+c7DCITtJ0qdQcNtyv2ht192kbDLndbknlr3eqF/9YZe9zPEeOCDfvueVeFS7cuOvAJxOS40T6qHGqh7Ie0nAzb10NfsW3Fu6zX14DRjt16q9iRzrDv9trPz+Q1qY6Gb0ybxs4OoV7qyfMcBApgReZDX23lNgd331dw0JDZ20Fk2vro4J8kfSxaYlBrqLVvNe4uPHR88DPIMzid9og1ZW/rl5TcMw+HIceqqyVjEF3XwauA5YybvVNoDzprz0psP6n+Mg21+vtVN1vn9jOsCaOu3vtuWwzHezpU8HTiEfrEJ6C35pzFPN0DiB0JztkS7jPp8y/9k/wGTyQWRXwAdw4AAAAASUVORK5CYII=',
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAIIAAACCAQAAAACieC1QAAACSklEQVR42s1WwaogOQiU9RrwV4RcBX894FXIrwi5Cq5vD3OYbc8zOTRNUyRlWVYa6rd14A9/AcxHqFB5OEDPP/C/VfqubrVzTfPVN4a37IuArgIPJwwwZQWj54xZrJuREnzC6FsWbLHh7okP4P61eKirCthsPy4BbTU++aAVtTK1zQK/MeZGixavtCT+xuRm2S7+mDniG+O+d9UqiAcC35gIlFwol8LxDfo4ylLpB0q/fNcOcD2I/TZ6f5+FuvOSynVMHXpxItOUItHr5cC5W0q5TVc09UGf7uh5V94jIP/G3LwZ2jrHch74+HZbbdZcEXvQ5xV3Vd2pexbtb8yOhU7HzuaQwRuudiMu3Dzl53uf9WohXTsapjFgri8BOnkhadjngDA9xpKzQb75lNLx856/J1O/ZMO2fJyYtnWoXVnlYHfjiMo35gJByoH7vKdo8I9XpIO2U6WsBj5XsCfM9mkbfZ+Fy7vxabWseuC//YO537uIYeDDvLd/VkWflyY68AnbyWHRPqp8U130kNYlx/b1UBdv53jG7ZE1YJQ6O94qvkhnmHd/btrB8ZpUR8M35sc0sEPodMAMGnIQ9tB7kd+hrrYyCHLXbYKDhof9gZI3p9LBP0JNV7TE//P/t8fsJyxt4aFzBz+DhMPRvp+wpuyt507J3fNmP+RY1b7JGER2dfAqYF3GzbdTaA86971T0jaT6ptpOKvvr8LTOrefYU0Y9bo9777FccKwdTKfm054Jz4HemrOWczTPoDakXB73iv2mfT5m/5J/gWRdxe5RPZ/5gAAAABJRU5ErkJggg==',
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAIIAAACCAQAAAACieC1QAAACR0lEQVR42s1WsQodQQiU2C74K8K2gr++YCv4K8K2wsY0KZKzTrY6jnnnOI6zD94f58A/fgNYF0zh1eEEPT/gr/P0hrLaCdO67xvDW7YboKvAxQkDSfWS0WvGEOtmpAKfMHrpJltuiD3xAdy/Dw99vQfLbF9+AtpqfPJBC2pl3jZL/MaYmy5avMqK+BtTm1sg8cvMmd8YX3u/tx7kBYFvTIunslCC0vF+97UdpeeAv3CyvjGVECuJPdRxf9daii9IJRxLh1mc9DKlLPR3a+C8QKl2i5S1Bg3LkvOG3EtA/o2JikptnXM5D3y8XYhbrVbmHvS5j0mkJxVn0R4wudDp2NmcMnjD1SI5IOo8PwOfLEcKO5qmOczCyQXoVEDR8J0DsugyPjkb5JvP07X83Ov3yjQv2YBWlw+WbR38o63PwZ7GEZVvTABB8YG4/mDwPIZm+0zbqfLsDXxC7RHbPm2jYZeXe7XN3rLXC//tMTx8byCmgQ/7HnXXy5BuXXTgkxeL07J99GqohT0JpBXk2L4e+oLtbWjr3Iw1YLRj9zYlDqQz7LvfX352uU2qo+Eb06Yp2Cl0OmC+ezdOaiXBH3kMfUEACHL3bYKDhu3329vs2vro4J9F0mmnT7yfh1q7R1lkCw+dGPwMcgVOpz3im7K3w6WouGeeAUOOvXZNMSaR9UU21OqoY9wcfO4edNaelXSqyOubaajF/WPL1rn9DGvCqHewnvItjhOmb2XHEx0OGBOfwt6acxbz9B1A7EgIrpZwn0mf/+k/yU/a4Bao+pI92AAAAABJRU5ErkJggg==',
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAIIAAACCAQAAAACieC1QAAACRklEQVR42s1WMQoYQQiU2C74FcFW8OuCrbBfEbZd2JgmRXLWyZbH3Kkz4+zB++M4/OMngPcsNHjXucD8B/x1np1tbOE77J73jWFR2QGYpnBwwmDRfcWYd8ZQmTDShZwwdhYVRwlsmfoBlN+Hh7newxshh5+CNRuf/WAENTNPIgq/MZFhixavG5f4G3OFVVLzMHPVNyaXyHvrQR1Q+MaUo92FuqkSz/dcmqitA2rjdH1jijVXEee2RPmuBWaXyHQnXhu08PIbRnUx37lDzwuMrjRJ1a0P/ERxna3nEFB+Y/bdN615rpU89JOSQWJxV5UM/JzHpL+U2r4a+42phUkeLlw6eEMVd9WGff2lD1qcl0g73CqsJr0yFcjvhkvDd7wdQYfxqQvodz/PCNLPyXN00ksFKO7hauuLfWPEmh/HVsPV9BuzgeCqwz75YPA87lfXwdqp+mLgULbGIQ7xttF3LVzZrdx4K14v/LfHMPmcjVgBOez7vr1ctbVHVxv6KZHLFdU+eneohVcO0tqU2L4e5nLp/TrRubnXgGm53j7r8UbyYd/zZOhJbcV6/gHTpimXUvIOmEFTLuqYh3yUe5jLN4AF99yhOHAInNLbnNb82OCfpE5wtfY1vDXUko7KS7HQyffgZ9BScDuE+KbsfZVJl1vzXsQhx96Td7nvHoq+yIZa+Daj8GY/MvDc984vXY++vpmGWtwvYzbP7WdYE8a27d73lI7qCaMdKuideNR7NPTTgDD3xTx9B9A6EjbfplB84ud/+if5CT9xF9SACHPmAAAAAElFTkSuQmCC',
];
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
    return { qr_code: this.broken ?? CODES[this.codes % CODES.length], [name]: until };
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
  // A code that comes as its text takes the second reader first.
  'text-code': {
    unlisted: true,
    before({ service }) {
      service.broken = '2@kq1uVQ0rB9b6vVx,aZ8d2mN4pQ7sT1wX,cE5gH9jK3lM6oR0u';
    },
    go: (scene) => connected(scene),
  },
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

window.scenes = Object.keys(SCENES).filter((name) => !SCENES[name].unlisted);
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

/** Turns the element to a language, and resolves once it says that language's words. */
window.speaking = async (lang) => {
  const { element } = window.playing;
  element.lang = lang;
  const { words = ENGLISH } = (await speak(lang)) ?? {};
  const said = (selector) => element.shadowRoot.querySelector(selector)?.textContent;
  const deadline = performance.now() + 5_000;
  while (element.shadowRoot.firstElementChild.lang !== lang || said('header h2') !== words.heading || said('.footer p') !== words.undo) {
    if (performance.now() > deadline) throw new Error(`the words of ${lang} never came`);
    await new Promise((next) => setTimeout(next));
  }
  // The frame in which they are laid out.
  await new Promise((next) => requestAnimationFrame(next));
};

window.played = true;
