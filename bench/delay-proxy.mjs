// A TCP proxy that stands for a slow network: every byte arrives half a round trip after it was sent, in each
// direction. It delays bytes and doesn't take turns, so what is sent without waiting for an answer (pipelining)
// costs what it would cost on a real line. Bandwidth is not limited and nothing is lost.
//
// A program of its own, so that it doesn't share an event loop with the measuring. network.mjs starts it.

import { connect, createServer } from 'node:net';

/** Node's timers are whole milliseconds and late by up to one: the rest of a wait is spent in naps. */
const TIMER_SLACK_MS = 1.5;
const NAP_MS = 0.05;
const napCell = new Int32Array(new SharedArrayBuffer(4));

/** What is on the line: deliveries in order of their time, which is the order of sending, as all wait equally long. */
const onTheLine = [];
let next = 0;
let waiting = false;

/** @param {number} afterMs @param {() => void} deliver */
function later(afterMs, deliver) {
  const item = { dueMs: performance.now() + afterMs, deliver };
  let place = onTheLine.length;
  while (place > next && onTheLine[place - 1].dueMs > item.dueMs) place--;
  onTheLine.splice(place, 0, item);
  if (!waiting) wait();
}

function deliverDue() {
  waiting = false;
  const now = performance.now();
  while (next < onTheLine.length && onTheLine[next].dueMs <= now) onTheLine[next++].deliver();
  onTheLine.splice(0, next);
  next = 0;
  if (onTheLine.length > 0) wait();
}

function wait() {
  waiting = true;
  const leftMs = onTheLine[next].dueMs - performance.now();
  if (leftMs > TIMER_SLACK_MS + 1) {
    setTimeout(deliverDue, leftMs - TIMER_SLACK_MS);
    return;
  }
  if (leftMs > 0) Atomics.wait(napCell, 0, 0, Math.min(leftMs, NAP_MS));
  setImmediate(deliverDue);
}

/** Passes on what `from` sends to `to`, with the delay that `delayMs()` says at that moment. */
function relay(from, to, delayMs) {
  from.on('data', (chunk) => later(delayMs(), () => to.write(chunk)));
  from.on('end', () => later(delayMs(), () => to.end()));
  from.on('close', () => later(delayMs(), () => to.destroy()));
  from.on('error', () => from.destroy());
}

process.once('message', ({ targetPort, roundTripMs }) => {
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: '127.0.0.1', port: targetPort, noDelay: true });
    // Here the handshake is over before the delay could begin; on a real line it costs a round trip too.
    const handshakeOverMs = performance.now() + roundTripMs;
    relay(client, upstream, () => Math.max(0, handshakeOverMs - performance.now()) + roundTripMs / 2);
    relay(upstream, client, () => roundTripMs / 2);
  });
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
});
process.once('disconnect', () => process.exit());
