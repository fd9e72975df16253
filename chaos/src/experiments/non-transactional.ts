import { check, experiment } from '../experiment.ts';
import { storeBundle } from '../harness/counted-files.ts';
import { connect } from '../harness/database.ts';
import type { Lab } from '../harness/lab.ts';
import { findHolder, type Row, waitForEnd } from '../harness/look-up.ts';
import type { Service } from '../harness/service.ts';
import { Tally } from '../harness/storm.ts';
import type { Target } from '../harness/targets.ts';
import { eventually, forEachOf, pause } from '../harness/wait.ts';
import type { Random } from '../random.ts';

const LANES = 3;
const END_WITHIN_MS = 60_000;
const HELD_LOCK = 78;

const TABLE = `CREATE TABLE chaos.big AS SELECT i AS x FROM generate_series(1, 5000) i;
  CREATE PROCEDURE chaos.work() LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos.marks (file, part) VALUES ('00001', 1); COMMIT;
    PERFORM pg_advisory_xact_lock_shared(${HELD_LOCK}); INSERT INTO chaos.marks (file, part) VALUES ('00001', 2); COMMIT;
  END $$`;

const DO_BLOCK = `do $$ begin insert into chaos.marks (file, part) values ('00001', 1); commit;
  perform pg_advisory_xact_lock_shared(${HELD_LOCK}); insert into chaos.marks (file, part) values ('00001', 2); commit; end $$;`;

type Kind = 'index' | 'index if not exists' | 'call' | 'do';

const STATEMENTS: Readonly<Record<Kind, string>> = {
  index: 'create index concurrently big_x on chaos.big (x);',
  'index if not exists': 'create index concurrently if not exists big_x on chaos.big (x);',
  call: '-- transactional: false\ncall chaos.work();',
  do: `-- transactional: false\n${DO_BLOCK}`,
};

/** What was seen in one round. */
interface Round {
  readonly target: Target;
  readonly kind: Kind;
  readonly end: Row;
  readonly wrong: string[];
}

/** What no transaction covers, interrupted: built anew where the catalog tells, left to a person where nothing does. */
export const nonTransactional = experiment({
  invariants: [7],
  name: 'non-transactional',
  does: 'workers and backends are killed within CREATE INDEX CONCURRENTLY, and within CALL and DO that commit',
  sizes: { long: { indexes: 50, others: 20 }, short: { indexes: 5, others: 3 } },
  run: ({ lab, random, size }) =>
    lab.withService({ workers: LANES, concurrency: 1 }, async (service) => {
      const tally = new Tally();
      const kinds: Kind[] = [
        ...Array.from({ length: size.indexes }, (_, i): Kind => (i % 3 === 2 ? 'index if not exists' : 'index')),
        ...Array.from({ length: size.others }, (_, i): Kind => (i % 2 === 0 ? 'call' : 'do')),
      ];
      const rounds: Round[] = [];
      await forEachOf(kinds, LANES, async (kind) => {
        rounds.push(await strike(lab, service, random, tally, kind));
      });
      const isIndex = ({ kind }: Round): boolean => kind.startsWith('index');
      const ofIndexes = rounds.filter(isIndex);
      const ofOthers = rounds.filter((round) => !isIndex(round));
      return {
        faults: tally.counts,
        figures: {
          'indexes that ended valid': ofIndexes.filter(({ end }) => end.status === 'succeeded').length,
          'calls left to a person': ofOthers.filter(({ end }) => end.status === 'needs_attention').length,
        },
        checks: [
          check(
            'none is called succeeded with an index that is not valid, or not there',
            ofIndexes.length,
            ofIndexes.flatMap(({ wrong }) => wrong),
          ),
          check(
            'an interrupted index is built by itself',
            ofIndexes.length,
            ofIndexes.filter(({ end }) => end.status !== 'succeeded').map(tell),
          ),
          check(
            'what can’t be known is neither run again nor called done',
            ofOthers.length,
            ofOthers.flatMap(({ wrong }) => wrong),
          ),
          check(
            'what can’t be known ends in needs_attention',
            ofOthers.length,
            ofOthers.filter(({ end }) => end.status !== 'needs_attention').map(tell),
          ),
        ],
      };
    }),
});

const tell = ({ target, kind, end }: Round): string =>
  `${target.name}: ${kind} ended ${end.status} ${JSON.stringify(end.failure)}`;

async function strike(lab: Lab, service: Service, random: Random, tally: Tally, kind: Kind): Promise<Round> {
  const target = await lab.targets.make(service);
  await target.database.query(TABLE);
  const holder = await connect(target.database.dsn);
  await hold(holder, kind, random);
  const bundle = await storeBundle(service, [
    { path: 'deployment/00000-before.sql', sql: `insert into chaos.marks (file) values ('00000');` },
    { path: 'deployment/00001-it.sql', sql: STATEMENTS[kind] },
    { path: 'deployment/00002-after.sql', sql: `insert into chaos.marks (file) values ('00002');` },
  ]);
  const { id } = await service.http.deploy({ target: target.name, mode: 'deployment', bundle });
  const pid = await untilItWaits(lab, target);
  await pause(random.between(0, 200));
  await breakOff(lab, service, random, tally, id, pid, kind);
  await pause(random.between(0, 600));
  await holder.end();
  const end = await waitForEnd(service, id, END_WITHIN_MS);
  if (kind.startsWith('index')) return { target, kind, end, wrong: await judgeIndex(target, end) };
  // Sent again, as somebody would: it must not be run for that either.
  const again = await service.http.deploy({ target: target.name, mode: 'deployment', bundle });
  const second = await waitForEnd(service, again.id, END_WITHIN_MS);
  return { target, kind, end, wrong: await judgeCall(target, [end, second]) };
}

/** Makes the statement wait at a certain place: before the build, after it, or between two commits. */
async function hold(holder: Awaited<ReturnType<typeof connect>>, kind: Kind, random: Random): Promise<void> {
  if (!kind.startsWith('index')) await holder.query(`SELECT pg_advisory_lock(${HELD_LOCK})`);
  else if (random.chance(0.5)) await holder.query('BEGIN; INSERT INTO chaos.big VALUES (0)');
  else await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT x FROM chaos.big LIMIT 1');
}

async function untilItWaits(lab: Lab, target: Target): Promise<number> {
  const rows = await eventually(
    `the statement waits in ${target.name}`,
    () =>
      lab.targetCluster.admin.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE datname = $1 AND application_name LIKE 'postgres-manager %/%'
           AND wait_event_type = 'Lock'`,
        [target.name],
      ),
    (seen) => seen.length > 0,
    20_000,
  );
  return rows[0]?.pid ?? 0;
}

async function breakOff(
  lab: Lab,
  service: Service,
  random: Random,
  tally: Tally,
  id: string,
  pid: number,
  kind: Kind,
): Promise<void> {
  const holder = await findHolder(service, id);
  if (holder === null || random.chance(0.3)) {
    await lab.targetCluster.admin.query('SELECT pg_terminate_backend($1)', [pid]);
    tally.add(`backend terminated within ${kind}`);
    return;
  }
  holder.kill();
  tally.add(`worker killed within ${kind}`);
  await holder.replace();
}

async function judgeIndex({ name, database }: Target, end: Row): Promise<string[]> {
  const [row] = await database.query<{ valid: number; all: number; marks: string }>(
    `SELECT (count(*) FILTER (WHERE indisvalid))::int AS valid, count(*)::int AS all,
       (SELECT string_agg(file, ' ' ORDER BY at) FROM chaos.marks) AS marks
     FROM pg_index WHERE indrelid = 'chaos.big'::regclass`,
  );
  if (end.status !== 'succeeded') return [];
  const isRight = row?.valid === 1 && row.all === 1 && row.marks === '00000 00002';
  return isRight ? [] : [`${name}: succeeded with ${JSON.stringify(row)}`];
}

async function judgeCall({ name, database }: Target, ends: readonly Row[]): Promise<string[]> {
  const [row] = await database.query<{ first: number; second: number; after: number; entered: number }>(
    `SELECT (count(*) FILTER (WHERE file = '00001' AND part = 1))::int AS first,
       (count(*) FILTER (WHERE file = '00001' AND part = 2))::int AS second,
       (count(*) FILTER (WHERE file = '00002'))::int AS after,
       (SELECT count(*)::int FROM postgres_manager.ledger WHERE file_name LIKE '00001%') AS entered
     FROM chaos.marks`,
  );
  const wrong: string[] = [];
  if (row?.first !== 1 || (row.second ?? 0) > 1) wrong.push(`${name}: it ran ${row?.first} times`);
  if (row?.after !== 0) wrong.push(`${name}: the file behind it ran`);
  if (row?.entered !== 0) wrong.push(`${name}: it is in the ledger as applied`);
  if (ends.some(({ status }) => status === 'succeeded')) wrong.push(`${name}: it was called succeeded`);
  return wrong;
}
