// The bare tag on a page: the query string becomes its attributes, and what it tells is kept in window.told.

const element = document.querySelector('sendapi-pairing');
for (const [name, value] of new URLSearchParams(location.search)) element.setAttribute(name, value);

window.told = [];
for (const type of ['ready', 'phase-change', 'qr', 'expired', 'connected', 'disconnected', 'failed', 'before-unlink', 'unlinked', 'error']) {
  document.addEventListener(`sendapi-${type}`, (event) => window.told.push({ type: event.type, detail: event.detail }));
}
// What the page stood still for: no test should be slow for that without saying so.
window.stood = [];
const { open } = XMLHttpRequest.prototype;
XMLHttpRequest.prototype.open = function (method, url, later) {
  if (later === false) window.stood.push(`${element.phase} at ${Math.round(performance.now())}: ${new Error().stack}`);
  return open.apply(this, arguments);
};

await import('/sendapi-pairing/define.js');
