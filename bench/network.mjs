import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { median } from './statistics.mjs';

const PROXY = fileURLToPath(new URL('delay-proxy.mjs', import.meta.url));

/**
 * A way to the server with this round trip; 0 is the server itself.
 * @returns its port, what a `SELECT 1` takes over it, and `close()`
 */
export async function openNetwork(server, roundTripMs) {
  if (roundTripMs === 0) {
    return { port: server.port, roundTripMs, measuredMs: await measureRoundTrip(server, server.port), close() {} };
  }
  const proxy = fork(PROXY, { stdio: 'inherit' });
  proxy.send({ targetPort: server.port, roundTripMs });
  const [{ port }] = await once(proxy, 'message');
  const measuredMs = await measureRoundTrip(server, port);
  if (measuredMs < roundTripMs || measuredMs > roundTripMs * 1.5 + 1) {
    proxy.disconnect();
    throw new Error(
      `the delay proxy gives ${measuredMs.toFixed(2)} ms instead of ${roundTripMs}: the machine is too busy`,
    );
  }
  return { port, roundTripMs, measuredMs, close: () => proxy.disconnect() };
}

/** The median time of a `SELECT 1` on an open connection, in ms. */
async function measureRoundTrip(server, port) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: server.dsn('postgres', port) });
  await client.connect();
  const times = [];
  for (let i = 0; i < 40; i++) {
    const started = performance.now();
    await client.query('SELECT 1');
    times.push(performance.now() - started);
  }
  await client.end();
  return median(times);
}
