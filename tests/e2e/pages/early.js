// What a page sets before the class is there is set on the bare element.

const element = document.querySelector('sendapi-pairing');
Object.assign(element, { endpoint: '/api/whatsapp', sessionName: 'Early', trigger: 'load', pollInterval: 1, allowUnlink: true, strings: { scanTitle: 'Set early' } });
await import('/sendapi-pairing/define.js');
