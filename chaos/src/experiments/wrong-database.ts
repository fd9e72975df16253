import { check, experiment } from '../experiment.ts';
import { storeBundle } from '../harness/counted-files.ts';
import type { Lab } from '../harness/lab.ts';
import { waitForEnd } from '../harness/look-up.ts';
import { findPgBouncer, startPgBouncer } from '../harness/pgbouncer.ts';
import type { Service } from '../harness/service.ts';
import { asStandby } from '../harness/standby.ts';
import { Tally } from '../harness/storm.ts';
import type { Target } from '../harness/targets.ts';
import { eventually } from '../harness/wait.ts';

/** One deployment that must be refused, and what it left. */
interface Refusal {
  readonly what: string;
  readonly wrong: string[];
}

interface Scene {
  readonly lab: Lab;
  readonly service: Service;
  /** A bundle with one file, and one that adds another. */
  readonly bundles: readonly [string, string];
}

/** It is another database than it should be: refused before the first statement. */
export const wrongDatabase = experiment({
  invariants: [15],
  name: 'wrong-database',
  does: 'targets turn out to be another database, another server, a restored clone, a standby, or a pooler',
  sizes: { long: { rounds: 12 }, short: { rounds: 1 } },
  run: ({ lab, size, say }) =>
    lab.withService({ workers: 1 }, async (service) => {
      const file = (label: string): { path: string; sql: string } => ({
        path: `deployment/${label}-counted.sql`,
        sql: `insert into chaos.marks (file) values ('${label}');`,
      });
      const one = await storeBundle(service, [file('00000')]);
      const two = await storeBundle(service, [file('00000'), file('00001')]);
      const scene: Scene = { lab, service, bundles: [one, two] };
      const tally = new Tally();
      const refusals: Refusal[] = [];
      const pooler = findPgBouncer();
      const skipped = pooler === null ? ['PgBouncer is not on this machine, and could not be installed'] : [];
      for (let round = 0; round < size.rounds; round++) {
        refusals.push(await swapped(scene), await otherServer(scene), await clone(scene), await standby(scene));
        if (pooler !== null) refusals.push(await behindPooler(scene, pooler));
      }
      for (const { what } of refusals) tally.add(what);
      for (const line of skipped) say(line);
      return {
        faults: tally.counts,
        figures: {},
        skipped,
        checks: [
          check(
            'refused, with its own code, before the first statement',
            refusals.length,
            refusals.flatMap(({ wrong }) => wrong),
          ),
        ],
      };
    }),
});

/** Deploys the second bundle, which must be refused; `victim` is the database that must not be touched. */
async function refused(
  { service, bundles }: Scene,
  what: string,
  target: string,
  code: string,
  victim: Target['database'],
): Promise<Refusal> {
  const before = await fingerprint(victim);
  const { id } = await service.http.deploy({ target, mode: 'deployment', bundle: bundles[1] });
  const { status, failure } = await waitForEnd(service, id, 30_000);
  const after = await fingerprint(victim);
  const wrong: string[] = [];
  if (status !== 'failed' || failure?.code !== code) wrong.push(`${what}: ${status} ${failure?.code}`);
  if (before !== after) wrong.push(`${what}: the database was changed: ${before} became ${after}`);
  return { what, wrong };
}

/** Marks, starts of files (which don't roll back), what tables there are, and the ledger. */
async function fingerprint(database: Target['database']): Promise<string> {
  const [row] = await database.query<{ print: string }>(
    `SELECT concat_ws('/', (SELECT count(*) FROM chaos.marks), (SELECT last_value || is_called::text FROM chaos.starts),
       (SELECT string_agg(oid::regclass::text, ',' ORDER BY oid) FROM pg_class WHERE relkind IN ('r', 'i') AND oid >= 16384),
       CASE WHEN to_regclass('postgres_manager.ledger') IS NOT NULL THEN
         query_to_xml('SELECT * FROM postgres_manager.ledger ORDER BY 1, 2', false, false, '')::text END) AS print`,
  );
  return row?.print ?? '';
}

async function deployed({ lab, service, bundles }: Scene): Promise<Target> {
  const target = await lab.targets.make(service);
  const { id } = await service.http.deploy({ target: target.name, mode: 'deployment', bundle: bundles[0] });
  const { status } = await waitForEnd(service, id, 30_000);
  if (status !== 'succeeded') throw new Error(`The first deployment of ${target.name} ended ${status}.`);
  return target;
}

async function swapped(scene: Scene): Promise<Refusal> {
  const [meant, other] = [await deployed(scene), await deployed(scene)];
  await scene.service.http.insist('PUT', `/v1/targets/${meant.name}`, { dsnEnv: `DB_${other.name.toUpperCase()}` });
  return refused(scene, 'DSN of another database', meant.name, 'wrong_database', other.database);
}

/** A database of the same name on another server, without any ledger: as a DSN with the wrong host. */
async function otherServer(scene: Scene): Promise<Refusal> {
  const { lab, service } = scene;
  const meant = await deployed(scene);
  const { controlCluster } = lab;
  const elsewhere = await lab.targets.makeElsewhere(controlCluster, meant.name);
  await service.http.insist('PUT', `/v1/targets/${meant.name}`, { dsn: controlCluster.dsn(meant.name) });
  const refusal = await refused(scene, 'DSN of another server', meant.name, 'wrong_database', elsewhere);
  await elsewhere.close();
  await controlCluster.admin.query(`DROP DATABASE ${meant.name} WITH (FORCE)`);
  return refusal;
}

/** A copy on the same server, so with the same system identifier; its ledger is the original's. */
async function clone(scene: Scene): Promise<Refusal> {
  const { lab, service } = scene;
  const original = await deployed(scene);
  const copy = await eventually(
    'the copy is made',
    () => lab.targets.make(service, {}, original.name).catch(() => null),
    (made) => made !== null,
    20_000,
  );
  if (copy === null) throw new Error('There is no copy.');
  return refused(scene, 'restored clone', copy.name, 'wrong_database', copy.database);
}

async function standby(scene: Scene): Promise<Refusal> {
  const target = await deployed(scene);
  let refusal: Refusal = { what: 'standby', wrong: ['it was not tried'] };
  await asStandby(scene.lab.targetCluster, async () => {
    refusal = await refused(scene, 'standby', target.name, 'standby', target.database);
  });
  return refusal;
}

async function behindPooler(scene: Scene, program: string): Promise<Refusal> {
  const { lab, service } = scene;
  const target = await deployed(scene);
  const pooler = await startPgBouncer(program, lab.targetCluster, target.name);
  try {
    const dsn = lab.targetCluster.dsn(target.name, { through: pooler.port });
    await service.http.insist('PUT', `/v1/targets/${target.name}`, { dsn });
    return await refused(scene, 'PgBouncer in transaction mode', target.name, 'pooler', target.database);
  } finally {
    await pooler.stop();
  }
}
