import type { Client } from 'pg';
import { check, experiment } from '../experiment.ts';
import { storeBundle } from '../harness/counted-files.ts';
import { connect } from '../harness/database.ts';
import { waitForEnd } from '../harness/look-up.ts';
import type { Service } from '../harness/service.ts';
import type { Target } from '../harness/targets.ts';
import { pause } from '../harness/wait.ts';

const READERS = 50;
const BYSTANDERS = 8;
const LOCK_TIMEOUT_MS = 300;
const SLACK_MS = 100;
/** How long the readers keep an ALTER waiting: long enough for several tries. */
const HELD_MS = 4000;

const ALTERS = [
  'alter table chaos.big add column c integer;',
  "set local work_mem = '8MB'; alter table chaos.big add column d text; insert into chaos.marks (file) values ('00001');",
  'alter table chaos.big alter column x type bigint;',
  'drop table chaos.big;',
];

/** A waiting ALTER stops everyone behind it: not for longer than lock_timeout. */
export const bystanders = experiment({
  invariants: [9],
  name: 'bystanders',
  does: '50 transactions read a table for seconds while an ALTER wants it, and others keep asking for it',
  sizes: { long: { rounds: 12 }, short: { rounds: 1 } },
  run: ({ lab, size }) =>
    lab.withService({ workers: 1 }, async (service) => {
      const waits: number[] = [];
      const failed: string[] = [];
      for (let round = 0; round < size.rounds; round++) {
        const target = await lab.targets.make(service, { lockTimeoutMs: LOCK_TIMEOUT_MS });
        await target.database.query('CREATE TABLE chaos.big AS SELECT i AS x FROM generate_series(1, 1000) i');
        failed.push(...(await alterUnderReaders(service, target, ALTERS[round % ALTERS.length] ?? '', waits)));
      }
      const limitMs = LOCK_TIMEOUT_MS + SLACK_MS;
      const tooLong = waits.filter((ms) => ms > limitMs).map((ms) => `${ms.toFixed(0)} ms`);
      return {
        faults: { 'rounds of 50 readers': size.rounds },
        figures: {
          'bystanders’ queries': waits.length,
          'of these held up': waits.filter((ms) => ms > 20).length,
          'longest wait, ms': Math.round(Math.max(...waits)),
          'lock_timeout, ms': LOCK_TIMEOUT_MS,
        },
        checks: [
          check(`no bystander waits longer than lock_timeout and ${SLACK_MS} ms`, waits.length, tooLong),
          check('the ALTER was in the way at all', 1, waits.some((ms) => ms > LOCK_TIMEOUT_MS / 3) ? [] : ['never']),
          check('the ALTER comes through when the readers are gone', size.rounds, failed),
        ],
      };
    }),
});

async function alterUnderReaders(service: Service, target: Target, sql: string, waits: number[]): Promise<string[]> {
  const bundle = await storeBundle(service, [{ path: 'deployment/00000-alter.sql', sql }]);
  const readers = await Promise.all(Array.from({ length: READERS }, () => connect(target.database.dsn)));
  for (const reader of readers) await reader.query('BEGIN; SELECT count(*) FROM chaos.big');
  const asking = { isOver: false };
  const askers = await Promise.all(Array.from({ length: BYSTANDERS }, () => connect(target.database.dsn)));
  const asked = Promise.all(askers.map((client) => ask(client, asking, waits)));
  const { id } = await service.http.deploy({ target: target.name, mode: 'deployment', bundle });
  await pause(HELD_MS);
  asking.isOver = true;
  await asked;
  await Promise.all([...readers, ...askers].map((client) => client.end()));
  const { status, failure } = await waitForEnd(service, id, 60_000);
  return status === 'succeeded' ? [] : [`${sql}: ${status} ${JSON.stringify(failure)}`];
}

/** By the server's clock, from the arrival of the statement to its first row: this machine's business is not in it. */
async function ask(client: Client, asking: { readonly isOver: boolean }, waits: number[]): Promise<void> {
  while (!asking.isOver) {
    const { rows } = await client.query<{ ms: number }>(
      `SELECT extract(epoch FROM clock_timestamp() - statement_timestamp())::float8 * 1000 AS ms FROM chaos.big LIMIT 1`,
    );
    waits.push(rows[0]?.ms ?? 0);
    await pause(5);
  }
}
