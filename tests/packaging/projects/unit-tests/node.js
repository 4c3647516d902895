// Without any DOM: what needs none works, what needs one says so, and nothing is thrown where nobody can catch it.

import { PairingController, SendApiClient, qrToPath } from 'sendapi-pairing';
import { sandboxTransport } from 'sendapi-pairing/sandbox';

const { size } = await qrToPath(`2@${'b'.repeat(180)}`);
const session = await new SendApiClient({ transport: sandboxTransport() }).create({ name: 'Support Bot' });
const refused = await new SendApiClient({ endpoint: 'http://127.0.0.1:9/api' }).get('x').catch(({ code }) => code);
const pairing = new PairingController({ transport: sandboxTransport(), trigger: 'load' });
const heard = new Promise((resolve) => pairing.addEventListener('sendapi-error', ({ detail }) => resolve(detail.code)));
const failed = await pairing.start().then(({ phase, error }) => `${phase}: ${error.code}`, String);
pairing.close();
console.log(JSON.stringify({ size, status: session.status, refused, failed, heard: await heard }));
