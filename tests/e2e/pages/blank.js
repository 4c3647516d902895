// A page without the element: the headless API alone.

window.module = await import('/sendapi-pairing/index.js');
// As the page itself: what a driver's script imports is, in Firefox, a copy of its own.
window.load = (path) => import(path);
document.body.dataset.ready = '';
