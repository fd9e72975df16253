import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { peakBytes } from '../peak-memory.mjs';
import { startService } from '../service.mjs';
import { createDatabases, dropDatabases, registerTargets, storeBundle, WARM_DEPLOYMENTS, warmUp } from '../targets.mjs';
import { deployKeepingLedger, deployWithPsql, fileOf } from './many-targets.mjs';

const PARALLELISM = 10;
/** Deployments under way in a rollout: as many again as the worker runs at a time, so that the next are at hand. */
const MAX_PARALLEL = 2 * PARALLELISM;
/** On first contact the service makes its ledger in each target; the second rollout finds it there. */
const ROLLOUTS = 2;
const FAILING_SHARE = 0.02;
const LOOK_EVERY_MS = 50;
/** A session that has nothing to do tells of its transactions within so long (PGSTAT_IDLE_INTERVAL is 10 s). */
const STATISTICS_MS = 12_000;

/**
 * Two rollouts in three waves, one after the other, to so many databases, a fiftieth of which fails in two ways, beside
 * `xargs -P` with psql; at growing sizes, so that it shows what a target costs the control database and whether memory
 * grows.
 */
export async function measureRollout(context) {
  const sizes = [];
  for (const targets of context.sizes.rolloutSizes) {
    const service = await withDatabases(context, `rolled_${targets}`, targets, (names, failing) =>
      rollOut(context, names, failing),
    );
    const peer = async (prefix, deploy) => {
      if (context.psql === null) return null;
      const { ms } = await withDatabases(context, `${prefix}_${targets}`, targets, (names) =>
        // xargs ends with 123 where some fail.
        deploy(context, names, { deployments: ROLLOUTS, codes: [0, 123] }),
      );
      return ms;
    };
    const psql = await peer('psql', deployWithPsql);
    const psqlWithLedger = await peer('psql_ledger', deployKeepingLedger);
    const seconds = (ms) => (ms === null ? 'none' : ms.map((time) => `${(time / 1000).toFixed(2)} s`).join(' and '));
    context.log(
      `  ${targets} targets: ${seconds(service.ms)}, psql ${seconds(psql)}, with a ledger ${seconds(psqlWithLedger)}; ` +
        `${service.transactionsPerTarget.toFixed(1)} transactions a target`,
    );
    const { ms, ...costs } = service;
    sizes.push({ targets, ...costs, ms: { service: ms, psql, psqlWithLedger } });
  }
  return { parallelism: PARALLELISM, maxParallel: MAX_PARALLEL, warmedBy: WARM_DEPLOYMENTS, sizes };
}

async function withDatabases(context, prefix, count, act) {
  const names = Array.from({ length: count }, (_, i) => `${prefix}_${String(i).padStart(5, '0')}`);
  // Not the first: it is the canary.
  const failing = names.filter((_, i) => i % Math.round(1 / FAILING_SHARE) === 7);
  try {
    await createDatabases(context, names);
    for (const [i, name] of failing.entries()) await makeFail(context, name, i % 2 === 0);
    await context.admin.query('CHECKPOINT');
    return await act(names, new Set(failing));
  } finally {
    await dropDatabases(context, names);
  }
}

/** The tables are there already, or the database is not. */
async function makeFail({ server, admin }, name, isTaken) {
  if (!isTaken) {
    await admin.query(`DROP DATABASE ${name}`);
    return;
  }
  const client = new pg.Client({ connectionString: server.dsn(name) });
  await client.connect();
  for (let n = 0; n < ROLLOUTS; n++) await client.query(`CREATE TABLE tbl_room_${n} (taken integer)`);
  await client.end();
}

/** Each from the POST until the rollout has ended, its outcome right to the last target. */
async function rollOut(context, names, failing) {
  const service = await startService(context, { concurrency: PARALLELISM });
  try {
    await warmUp(context, service);
    await registerTargets(context, service, names);
    const before = await transactionsOf(context, service);
    const ms = [];
    const files = {};
    let looks = 0;
    for (let n = 0; n < ROLLOUTS; n++) {
      files[`deployment/0000${n}-rooms.sql`] = fileOf(n);
      const bundle = await storeBundle(service, files);
      await context.admin.query('CHECKPOINT');
      const started = performance.now();
      const { id } = await service.call('POST', '/v1/rollouts', {
        mode: 'deployment',
        bundle,
        targets: names,
        maxParallel: MAX_PARALLEL,
        maxParallelPerServer: MAX_PARALLEL,
        failureBudget: { count: failing.size },
        // Those that failed in the first are known to be in trouble.
        acceptTrouble: true,
      });
      looks += (await untilEnded(context, service, id)).looks;
      ms.push(performance.now() - started);
      await requireRight(service, id, names, failing);
    }
    return {
      ms,
      transactionsPerTarget: ((await transactionsOf(context, service)) - before - looks) / (names.length * ROLLOUTS),
      apiPeakBytes: peakBytes(service.apiPid),
      workerPeakBytes: peakBytes(service.workerPid),
    };
  } finally {
    await service.stop();
  }
}

async function untilEnded({ server }, { name }, id) {
  const client = new pg.Client({ connectionString: server.dsn(name) });
  await client.connect();
  try {
    for (let looks = 1; ; looks++) {
      const { rows } = await client.query('SELECT status FROM control_plane.rollouts WHERE id = $1', [id]);
      if (rows[0].status === 'stopped') throw new Error('the rollout stopped: more has failed than was to fail');
      if (['succeeded', 'failed'].includes(rows[0].status)) return { looks };
      await sleep(LOOK_EVERY_MS);
    }
  } finally {
    await client.end();
  }
}

/** Of the control database, once its sessions have told of theirs. */
async function transactionsOf({ admin }, { name }) {
  await sleep(STATISTICS_MS);
  const { rows } = await admin.query(
    'SELECT (xact_commit + xact_rollback)::float8 AS made FROM pg_stat_database WHERE datname = $1',
    [name],
  );
  return rows[0].made;
}

async function requireRight({ call }, id, names, failing) {
  const seen = new Map();
  for (let cursor = ''; ; ) {
    const page = await call('GET', `/v1/rollouts/${id}/targets?limit=200${cursor}`);
    for (const { target, state } of page.items) seen.set(target, state);
    if (page.nextCursor === null) break;
    cursor = `&cursor=${page.nextCursor}`;
  }
  const wrong = names.filter((name) => seen.get(name) !== (failing.has(name) ? 'failed' : 'succeeded'));
  if (wrong.length > 0) throw new Error(`${wrong.length} targets have not the outcome that they should: ${wrong[0]}`);
}
