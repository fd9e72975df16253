// The load, in a process of its own: so many keep-alive connections, each sending its next request when it has the
// answer to the last. Plain sockets, since an HTTP client would take from the servers' share of the processor.
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { quantile } from './quantile.mjs';

const { port, path, key, bodies, total, connections } = JSON.parse(await text(process.stdin));
const requests = bodies.map((body) =>
  Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${key}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  ),
);
const times = [];
let sent = 0;

const sockets = await Promise.all(Array.from({ length: Math.min(connections, total) }, open));
const startedAt = Date.now();
const started = performance.now();
await Promise.all(sockets.map(send));
const elapsedMs = performance.now() - started;
for (const socket of sockets) socket.destroy();
process.stdout.write(
  JSON.stringify({ startedAt, elapsedMs, p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) }),
);

function open() {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Sends over one connection until all requests are sent. */
function send(socket) {
  return new Promise((resolve, reject) => {
    let answer = '';
    let at = 0;
    const next = () => {
      if (sent >= total) return resolve();
      answer = '';
      at = performance.now();
      socket.write(requests[sent++ % requests.length]);
    };
    socket.setEncoding('latin1');
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed the connection')));
    socket.on('data', (chunk) => {
      answer += chunk;
      const end = answer.indexOf('\r\n\r\n');
      if (end < 0) return;
      const [, length] = /\r\ncontent-length: *(\d+)/i.exec(answer) ?? [];
      if (length === undefined || answer.length < end + 4 + Number(length)) return;
      times.push(performance.now() - at);
      if (!answer.startsWith('HTTP/1.1 202')) reject(new Error(answer));
      else next();
    });
    next();
  });
}
