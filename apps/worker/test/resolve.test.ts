import {
  type DeploymentDetail,
  enterResolution,
  requestCancel,
  type ResolutionOutcome,
} from '@postgres-manager/control-plane';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { TESTER } from '../../../test-support/control-database.ts';
import type { TestDatabase } from '../../../test-support/test-database.ts';
import { eventually, openStage, type Stage } from './support/stage.ts';
import { startQuickProcess } from './support/worker-process.ts';

const STUCK = 'deployment/00001-call.sql';
const LAST = 'deployment/00002-last.sql';
/** The second file notes each call for good, then waits; the last one notes each run, and waits too. */
const FILES = {
  'deployment/00000-a.sql': `CREATE TABLE calls (n serial); CREATE TABLE runs (n serial);
    CREATE PROCEDURE work() LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO calls DEFAULT VALUES; COMMIT;
      IF EXISTS (SELECT FROM gate WHERE name = 'broken') THEN RAISE 'broken'; END IF;
      WHILE NOT EXISTS (SELECT FROM gate WHERE name = 'call') LOOP PERFORM pg_sleep(0.02); COMMIT; END LOOP;
    END $$;`,
  [STUCK]: '-- transactional: false\nCALL work();',
  [LAST]: `INSERT INTO runs DEFAULT VALUES;
    DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM gate WHERE name = 'last') LOOP PERFORM pg_sleep(0.02); END LOOP; END $$;`,
};

describe('a deployment that carries a person’s answer', () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await openStage();
    onTestFinished(() => stage.close());
  });

  const open = (database: TestDatabase, name: string) => database.query('INSERT INTO gate VALUES ($1)', [name]);
  const count = async (database: TestDatabase, table: 'calls' | 'runs'): Promise<number | undefined> =>
    (await database.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`))[0]?.n;

  /** A deployment that needs attention: its second file is half done. */
  async function stuck(): Promise<{ old: DeploymentDetail; database: TestDatabase }> {
    const { name, database } = await stage.target();
    await database.query('CREATE TABLE gate (name text)');
    await open(database, 'broken');
    const worker = await stage.worker();
    const old = await stage.final(await stage.deploy(name, await stage.bundle(FILES)));
    expect(old).toMatchObject({
      status: 'needs_attention',
      failure: { code: 'unfinished_step', file: STUCK, evidence: { path: STUCK, statementRunning: 1 } },
      steps: [{ status: 'applied' }, { status: 'needs_attention' }, { status: 'not_started' }],
    });
    await worker.close({ graceMs: 0 });
    await database.query(`DELETE FROM gate`);
    return { old, database };
  }

  async function answer(deploymentId: string, outcome: ResolutionOutcome): Promise<string> {
    const wanted = { deploymentId, file: STUCK, outcome, allowedLabels: {}, traceParent: null };
    const made = await enterResolution(stage.db.control, wanted, TESTER);
    if (made === null) throw new Error('The deployment is not there.');
    return made.deployment.id;
  }

  test('its hint names the command and the call that settle it', async () => {
    const { old } = await stuck();
    expect(old.failure?.hint).toContain(`postgres-manager resolve ${old.id} ${STUCK} --applied`);
    expect(old.failure?.hint).toContain(`POST /v1/deployments/${old.id}/resolve`);
  });

  test('enters it once, though its worker is killed right after, and another goes on', async () => {
    const { old, database } = await stuck();
    const killed = await startQuickProcess(stage);
    const id = await answer(old.id, 'applied');
    await stage.until(id, ({ steps }) => steps.find(({ path }) => path === LAST)?.status === 'running');
    killed.signal('SIGKILL');
    await stage.worker();
    await stage.until(id, ({ attempts }) => attempts[0]?.outcome === 'lost');
    await open(database, 'last');
    expect(await stage.final(id)).toMatchObject({
      status: 'succeeded',
      retryOf: old.id,
      resolution: { file: STUCK, outcome: 'applied' },
      summary: { applied: [LAST] },
      attempts: [{ outcome: 'lost' }, { outcome: 'succeeded' }],
    });
    expect([await count(database, 'calls'), await count(database, 'runs')]).toEqual([1, 1]);
    expect((await stage.events(id)).filter(({ type }) => type === 'resolved')).toHaveLength(1);
    expect(
      await database.query(`SELECT origin, deployment_id, applied_by FROM postgres_manager.ledger
        WHERE file_name = '00001-call.sql'`),
    ).toEqual([{ origin: 'resolved', deployment_id: id, applied_by: TESTER.name }]);
  });

  test('does not run the file a third time when its worker is killed in the second', async () => {
    const { old, database } = await stuck();
    const killed = await startQuickProcess(stage);
    const id = await answer(old.id, 'not-applied');
    await eventually(
      () => count(database, 'calls'),
      (calls) => calls === 2,
    );
    killed.signal('SIGKILL');
    await stage.worker();
    const again = await stage.final(id);
    expect(again).toMatchObject({ status: 'needs_attention', failure: { code: 'unfinished_step', file: STUCK } });
    expect(again.failure?.evidence?.startedAt).not.toBe(old.failure?.evidence?.startedAt);
    expect(again.failure?.hint).toContain(`resolve ${id} ${STUCK}`);
    expect(await count(database, 'calls')).toBe(2);
    // An answer to the first question is no answer to the second one.
    const stale = await stage.final(await answer(old.id, 'applied'));
    expect(stale).toMatchObject({ status: 'failed', failure: { code: 'resolution_stale' } });
    await open(database, 'last');
    expect(await stage.final(await answer(id, 'applied'))).toMatchObject({ status: 'succeeded' });
    expect([await count(database, 'calls'), await count(database, 'runs')]).toEqual([2, 1]);
  });

  test('is cancelled before the worker has it: nothing is entered', async () => {
    const { old, database } = await stuck();
    const before = await database.query('SELECT * FROM postgres_manager.intent');
    const id = await answer(old.id, 'applied');
    await requestCancel(stage.db.control, id, TESTER);
    await stage.worker();
    expect((await stage.detail(id)).status).toBe('cancelled');
    expect(await database.query('SELECT * FROM postgres_manager.intent')).toEqual(before);
    await Promise.all([open(database, 'last'), open(database, 'call')]);
    expect(await stage.final(await answer(old.id, 'not-applied'))).toMatchObject({ status: 'succeeded' });
    expect([await count(database, 'calls'), await count(database, 'runs')]).toEqual([2, 1]);
  });
});
