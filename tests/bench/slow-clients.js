// Keeps N connections open that send one byte of a request's head each second, opening another for each that is cut off.
// Arguments: host, port, N. Runs until it is killed; says how many were cut off when asked to disconnect.

import { createConnection } from 'node:net';

const [host, port, count] = process.argv.slice(2);
const head = `GET /api/whatsapp/sessions HTTP/1.1\r\nHost: ${host}:${port}\r\nX-Slow: ${'a'.repeat(200)}`;
let open = 0;
let cut = 0;

function connect() {
  const socket = createConnection(Number(port), host);
  let sent = 0;
  let timer;
  socket.on('connect', () => {
    open += 1;
    if (open === Number(count)) process.send('open');
    timer = setInterval(() => socket.write(head[sent++ % head.length]), 1000);
  });
  // What went wrong shows in `close`, which follows.
  socket.on('error', () => {});
  socket.on('close', () => {
    clearInterval(timer);
    cut += 1;
    connect();
  });
}
for (let n = 0; n < Number(count); n += 1) connect();
process.on('message', () => process.send({ cut }));
