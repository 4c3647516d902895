// A browser that has no WebAssembly, until the person allows it.

const { WebAssembly } = window;
delete window.WebAssembly;
document.addEventListener('allowed', () => Object.assign(window, { WebAssembly }));

await import('/sendapi-pairing/define.js');
