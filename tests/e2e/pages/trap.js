// A page that can break the wasm from outside, as a fault inside would: whoever instantiates a module is overheard, and after `breakWasm()` the
// latest instance traps in its next call of the page, with all its own calls on the stack. Listeners on what outlives an element are counted.

/** (module (func (export "trap") unreachable)) */
const { trap } = new WebAssembly.Instance(
  new WebAssembly.Module(Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 8, 1, 4, 116, 114, 97, 112, 0, 0, 10, 5, 1, 3, 0, 0, 11])),
).exports;

const memories = [];
const broken = new Set();
for (const name of ['instantiate', 'instantiateStreaming']) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (source, imports) => {
    // The rest of a module that comes in parts works on the memory of the first.
    const further = 'c' in imports;
    const number = further ? memories.length - 1 : memories.length;
    const treacherous = (value) => (typeof value === 'function' ? (...given) => (broken.has(number) ? trap() : value(...given)) : value);
    // Asked for like the originals: what is imported may have no name, and be handed out in order.
    const overheard = (module) => new Proxy({}, { get: (_, key) => treacherous(module[key]) });
    const each = (object, change) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
    const made = await original.call(WebAssembly, source, each(imports, overheard));
    const { exports } = made.instance ?? made;
    if (!further) memories.push(Object.values(exports).find((value) => value instanceof WebAssembly.Memory));
    return made;
  };
}
window.instances = () => memories.length;
window.breakWasm = () => broken.add(memories.length - 1);
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
  // The wasm's alone, by who calls: some drivers set timers in the page themselves.
  if (new Error().stack.includes('wasm-function')) due.add(id);
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
