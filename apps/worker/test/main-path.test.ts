import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Stage } from './support/stage.ts';

describe('a worker', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
    await stage.worker();
  });
  afterAll(() => stage.close());

  test('runs a deployment and tells of it', async () => {
    const { name, database } = await stage.target();
    const bundle = await stage.bundle({
      'deployment/00000-a.sql': 'CREATE TABLE a (id int);',
      'deployment/00001-b.sql': `INSERT INTO a VALUES (1); DO $$ BEGIN RAISE NOTICE 'one row'; END $$;`,
    });
    const id = await stage.deploy(name, bundle);
    const detail = await stage.final(id);
    expect(detail).toMatchObject({
      status: 'succeeded',
      failure: null,
      summary: {
        result: 'succeeded',
        applied: ['deployment/00000-a.sql', 'deployment/00001-b.sql'],
        skipped: 0,
        notStarted: [],
        failures: [],
      },
      attempts: [{ number: 1, outcome: 'succeeded' }],
      steps: [
        { path: 'deployment/00000-a.sql', status: 'applied', transactional: true, statementCount: 1 },
        { path: 'deployment/00001-b.sql', status: 'applied', statementCount: 2 },
      ],
    });
    expect(detail.attempts[0]?.backendPid).toBeGreaterThan(0);
    expect(await database.query('SELECT * FROM a')).toEqual([{ id: 1 }]);
    expect((await stage.events(id)).map(({ type }) => type)).toEqual([
      'queued',
      'started',
      'connected',
      'planned',
      'step_started',
      'step_finished',
      'step_started',
      'notice',
      'step_finished',
      'finished',
    ]);
    const again = await stage.final(await stage.deploy(name, bundle));
    expect(again).toMatchObject({ status: 'succeeded', summary: { result: 'nothing_to_do', applied: [], skipped: 2 } });
  });

  test('fails a wrong file at once, with its place, and goes on with the next of the line', async () => {
    const { name } = await stage.target();
    const wrong = await stage.bundle({
      'deployment/00000-a.sql': 'CREATE TABLE a (id int);',
      'deployment/00001-b.sql': 'SELECT 1;\nSELECT nothing_there;',
      'deployment/00002-c.sql': 'SELECT 1;',
    });
    const mended = await stage.bundle({
      'deployment/00000-a.sql': 'CREATE TABLE a (id int);',
      'deployment/00001-b.sql': 'SELECT 1;',
    });
    const first = await stage.deploy(name, wrong);
    const second = await stage.deploy(name, mended);
    expect(await stage.final(first)).toMatchObject({
      status: 'failed',
      failure: { file: 'deployment/00001-b.sql', line: 2, sqlstate: '42703' },
      attempts: [{ outcome: 'failed' }],
      summary: { applied: ['deployment/00000-a.sql'], notStarted: ['deployment/00002-c.sql'] },
      steps: [{ status: 'applied' }, { status: 'failed', failure: { line: 2 } }, { status: 'not_started' }],
    });
    expect(await stage.final(second)).toMatchObject({
      status: 'succeeded',
      summary: { applied: ['deployment/00001-b.sql'] },
    });
  });

  test('a dry run leaves a plan and changes nothing', async () => {
    const { name, database } = await stage.target();
    const bundle = await stage.bundle({ 'deployment/00000-a.sql': 'CREATE TABLE a (id int);' });
    const detail = await stage.final(await stage.deploy(name, bundle, { dryRun: true }));
    expect(detail).toMatchObject({
      status: 'succeeded',
      summary: { applied: [] },
      steps: [{ path: 'deployment/00000-a.sql', status: 'planned' }],
    });
    expect(await database.query(`SELECT FROM pg_namespace WHERE nspname = 'postgres_manager'`)).toEqual([]);
  });

  test('a create with onError continue runs all it can and lists the failures', async () => {
    const { name } = await stage.target();
    const bundle = await stage.bundle({
      'create/1-tables/a.sql': 'SELECT wrong;',
      'create/1-tables/b.sql': 'CREATE TABLE b ();',
      'create/1-tables/c.sql': 'SELECT wrong_too;',
    });
    const detail = await stage.final(await stage.deploy(name, bundle, { mode: 'create', onError: 'continue' }));
    expect(detail).toMatchObject({
      status: 'failed',
      steps: [{ status: 'failed' }, { status: 'applied' }, { status: 'failed' }],
      summary: {
        applied: ['create/1-tables/b.sql'],
        failures: [{ file: 'create/1-tables/a.sql' }, { file: 'create/1-tables/c.sql' }],
      },
    });
  });
});
