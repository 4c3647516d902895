// A page that can break the wasm from outside, as a fault inside would: whoever instantiates a module is overheard, and `breakWasm()` wipes
// the memory of the latest one, so that its next call through a table of functions traps. Listeners on what outlives an element are counted.

const memories = [];
for (const name of ['instantiate', 'instantiateStreaming']) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (...given) => {
    const made = await original.apply(WebAssembly, given);
    const { exports } = made.instance ?? made;
    memories.push(Object.values(exports).find((value) => value instanceof WebAssembly.Memory));
    return made;
  };
}
window.instances = () => memories.length;
window.breakWasm = () => new Uint8Array(memories.at(-1).buffer).fill(0);
window.wasmBytes = () => memories.at(-1).buffer.byteLength;

const listening = new Map();
const { addEventListener, removeEventListener } = EventTarget.prototype;
const lasting = (target) => target === window || target === document || target instanceof BroadcastChannel;
EventTarget.prototype.addEventListener = function (type, listener, ...rest) {
  if (lasting(this ?? window)) listening.set(listener, type);
  return addEventListener.call(this, type, listener, ...rest);
};
EventTarget.prototype.removeEventListener = function (type, listener, ...rest) {
  listening.delete(listener);
  return removeEventListener.call(this, type, listener, ...rest);
};
window.listeners = () => [...listening.values()];

const due = new Set();
const { setTimeout, clearTimeout } = window;
window.setTimeout = (callback, ...rest) => {
  const id = setTimeout(() => (due.delete(id), callback()), ...rest);
  due.add(id);
  return id;
};
window.clearTimeout = (id) => (due.delete(id), clearTimeout(id));
window.timers = () => due.size;

const element = document.querySelector('sendapi-pairing');
for (const [name, value] of new URLSearchParams(location.search)) element.setAttribute(name, value);
window.told = [];
for (const type of ['phase-change', 'error']) {
  document.addEventListener(`sendapi-${type}`, (event) => window.told.push({ type: event.type, id: event.target.id, detail: event.detail }));
}
// The page's own are no leftovers.
const own = listening.size;
window.leftovers = () => ({ listeners: window.listeners().slice(own), timers: window.timers() });

window.module = await import('/sendapi-pairing/index.js');
await import('/sendapi-pairing/define.js');
