// Two copies of the package, as two widgets of one page may bring them, and each defined twice.

await import('/sendapi-pairing/define.js');
await import('/copy/define.js');
const [own, copy] = await Promise.all([import('/sendapi-pairing/index.js'), import('/copy/index.js')]);
const { size } = await copy.qrToPath('2@' + 'a'.repeat(180));
const handle = await copy.mount(document.body, { endpoint: '/api/whatsapp', trigger: 'load', pollInterval: 1 });
window.outcome = [own.SendApiPairingElement === copy.SendApiPairingElement, handle.element instanceof own.SendApiPairingElement, size > 20];
