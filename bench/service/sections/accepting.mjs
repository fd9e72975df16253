import { fileURLToPath } from 'node:url';
import { freePort } from '../../../apps/standalone/dist/postgres/free-port.js';
import { sendLoad } from '../send-load.mjs';
import { POOL_SIZE, forEachOf, startProgram, startService, until } from '../service.mjs';
import { storeBundle } from '../targets.mjs';

const BARE_PROGRAM = fileURLToPath(new URL('../bare-server.mjs', import.meta.url));
const PATH = '/v1/deployments';
const TARGETS = 500;

/** Requests per second and p99 of POST /v1/deployments, beside the bare server; no worker runs. */
export async function measureAccepting(context) {
  const { acceptRequests, acceptRounds } = context.sizes;
  const service = await startService(context, { concurrency: null });
  let bare = null;
  try {
    bare = await startBare(context, service);
    const names = Array.from({ length: TARGETS }, (_, i) => `target-${i}`);
    await forEachOf(names, 8, (name) => service.call('PUT', `/v1/targets/${name}`, { dsnEnv: 'BENCH_TARGET_DSN' }));
    const bundle = await storeBundle(service, { 'deployment/00000-nothing.sql': 'SELECT 1;\n' });
    const bodies = names.map((target) => JSON.stringify({ target, mode: 'deployment', bundle }));
    const contenders = { api: service.port, bare: bare.port };
    const runs = { api: [], bare: [] };
    for (let round = 0; round <= acceptRounds; round++) {
      // The order changes with each round: whoever comes second finds a warmer disk, or a busier one.
      const order = Object.entries(contenders);
      for (const [name, port] of round % 2 === 0 ? order : order.reverse()) {
        const load = { port, path: PATH, key: service.key, bodies, total: acceptRequests };
        const { elapsedMs, p50Ms, p99Ms } = await sendLoad(load);
        // The first round warms up, and does not count.
        if (round > 0) runs[name].push({ perSecond: (acceptRequests / elapsedMs) * 1000, p50Ms, p99Ms });
      }
    }
    return { requests: acceptRequests, runs };
  } finally {
    await bare?.stop();
    await service.stop();
  }
}

async function startBare({ server, admin }, { redisUrl }) {
  await admin.query('CREATE DATABASE bare');
  const port = await freePort();
  const program = startProgram(BARE_PROGRAM, {
    PATH: process.env.PATH ?? '',
    NODE_ENV: 'production',
    DATABASE_URL: server.dsn('bare'),
    REDIS_URL: redisUrl,
    PORT: String(port),
    POOL_SIZE: String(POOL_SIZE),
  });
  const stop = async () => {
    await program.stop();
    await admin.query('DROP DATABASE bare WITH (FORCE)');
  };
  try {
    await until('the bare server answers', program, async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok);
    return { port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
