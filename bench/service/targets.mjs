import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { forEachOf } from './service.mjs';

const AT_ONCE = 4;
const LOOK_EVERY_MS = 20;

/** @param {Record<string, string>} files by path @returns {Promise<string>} the digest */
export async function storeBundle({ call }, files) {
  const list = Object.entries(files).map(([path, content]) => ({ path, content }));
  const { digest, problems } = await call('POST', '/v1/bundles', { files: list });
  if (problems.length > 0) throw new Error(`the bundle has problems: ${JSON.stringify(problems)}`);
  return digest;
}

/** Empty databases of those names, and a checkpoint, so that no run pays for their writing. */
export async function createDatabases({ server, admin }, names) {
  const admins = await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      const client = new pg.Client({ connectionString: server.dsn('postgres') });
      await client.connect();
      return client;
    }),
  );
  const queue = names.values();
  await Promise.all(
    admins.map(async (client) => {
      // template0: nothing ever is connected to it, so several can copy it at once.
      for (const name of queue) await client.query(`CREATE DATABASE ${name} TEMPLATE template0`);
      await client.end();
    }),
  );
  await admin.query('CHECKPOINT');
}

export async function dropDatabases({ admin }, names) {
  for (const name of names) await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
}

/** Registers each database as a target of its own name. */
export async function registerTargets({ server }, { call }, names) {
  await forEachOf(names, 8, (name) => call('PUT', `/v1/targets/${name}`, { dsn: server.dsn(name) }));
}

/** How much a service has done before it is measured: it runs for months, and what it runs is compiled by then. */
const WARM_TARGETS = 100;
const WARM_ROUNDS = 3;
export const WARM_DEPLOYMENTS = WARM_TARGETS * WARM_ROUNDS;

/** Makes `WARM_DEPLOYMENTS` to databases that take no further part, and removes these. */
export async function warmUp(context, service) {
  const names = Array.from({ length: WARM_TARGETS }, (_, i) => `warm_${i}`);
  try {
    await createDatabases(context, names);
    await registerTargets(context, service, names);
    const files = {};
    for (let n = 0; n < WARM_ROUNDS; n++) {
      files[`deployment/0000${n}-warm.sql`] = `CREATE TABLE tbl_warm_${n} (warm_id bigint PRIMARY KEY);`;
      const bundle = await storeBundle(service, files);
      await forEachOf(names, AT_ONCE, (target) =>
        service.call('POST', '/v1/deployments', { target, mode: 'deployment', bundle }),
      );
      await untilAllFinal(context, service, names.length * (n + 1));
    }
  } finally {
    await dropDatabases(context, names);
  }
}

/**
 * Waits until none of the control database's deployments is under way.
 * @param {((running: number) => void) | null} [onLook] told how many run just then
 * @throws Error when one has not succeeded
 */
export async function untilAllFinal({ server }, { name }, expected, onLook = null) {
  const client = new pg.Client({ connectionString: server.dsn(name) });
  await client.connect();
  try {
    for (;;) {
      // Whoever only waits looks at one row: looking at all takes processor time from what is measured.
      const { rows } = await client.query(`SELECT status FROM control_plane.deployments
        WHERE status IN ('scheduled', 'queued', 'running', 'cancelling') ${onLook === null ? 'LIMIT 1' : ''}`);
      onLook?.(rows.filter(({ status }) => status === 'running').length);
      if (rows.length === 0) break;
      await sleep(LOOK_EVERY_MS);
    }
    const at = Date.now();
    const { rows } = await client.query(`SELECT (count(*) FILTER (WHERE status = 'succeeded'))::int AS good,
      min(failure::text) AS failure FROM control_plane.deployments`);
    if (rows[0].good !== expected) throw new Error(`${rows[0].good} of ${expected} succeeded: ${rows[0].failure}`);
    return at;
  } finally {
    await client.end();
  }
}
