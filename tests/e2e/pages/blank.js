// A page without the element: the headless API alone.

window.violations = [];
document.addEventListener('securitypolicyviolation', (event) => window.violations.push(`${event.violatedDirective}: ${event.blockedURI}`));
window.module = await import('/sendapi-pairing/index.js');
document.body.dataset.ready = '';
