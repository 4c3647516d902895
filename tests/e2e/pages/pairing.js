// The bare tag on a page: the query string becomes its attributes, and what it tells is kept in window.told.

const element = document.querySelector('sendapi-pairing');
for (const [name, value] of new URLSearchParams(location.search)) element.setAttribute(name, value);

window.told = [];
window.violations = [];
for (const type of ['ready', 'phase-change', 'qr', 'expired', 'connected', 'disconnected', 'failed', 'before-unlink', 'unlinked', 'error']) {
  document.addEventListener(`sendapi-${type}`, (event) => window.told.push({ type: event.type, detail: event.detail }));
}
document.addEventListener('securitypolicyviolation', (event) => window.violations.push(`${event.violatedDirective}: ${event.blockedURI}`));

await import('/sendapi-pairing/define.js');
