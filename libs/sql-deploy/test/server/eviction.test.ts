import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { describeEachServer } from '../../../../test-support/servers.ts';
import type { TestDatabase } from '../../../../test-support/test-database.ts';
import { LOCK_KEY } from '../../src/target/lock.ts';
import { type Contents, deployments, expected, makeTarget, path, type Target, until, untilAsleep } from './target.ts';

const PROGRAM = fileURLToPath(new URL('../fixtures/run-as-worker.mjs', import.meta.url));

/** Starts a run in a process of its own, and stops that process once the run sleeps in a file. */
async function freeze(target: Target, files: Contents, runId: string): Promise<number> {
  const { connection } = target.database;
  const given = {
    connection,
    runId,
    deploymentId: 'd-1',
    files: Object.entries(files).map(([path, content]) => ({ path, content })),
  };
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(given)], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const backendPid = await untilAsleep(target.database);
  child.kill('SIGSTOP');
  return backendPid;
}

/** A session that holds the lock under a name. */
async function holdLock(database: TestDatabase, applicationName: string): Promise<number> {
  const client = await database.connect();
  await client.query(`set application_name to '${applicationName}'; select pg_advisory_lock(${LOCK_KEY})`);
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid ?? 0;
}

async function isAlive(database: TestDatabase, pid: number): Promise<boolean> {
  return (await database.query('select from pg_stat_activity where pid = $1', [pid])).length > 0;
}

const containing = (text: string): unknown => expect.stringContaining(text);
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

const FILES = deployments('create table a ();', 'create table b ();');

describeEachServer('a run that was given up on', (server) => {
  test('is ended in the middle of a file, which is rolled back and then run by its successor', async () => {
    const target = await makeTarget(server);
    const sleeping = deployments('create table a ();', 'create table b (); select pg_sleep(60);');
    const backendPid = await freeze(target, sleeping, 'frozen/1');
    const mended = { ...sleeping, [path(1)]: 'create table b ();' };
    const run = await target.run('deployment', mended, {
      runId: 'next/2',
      isAbandoned: (runId) => runId === 'frozen/1',
    });
    expect(run).toEqual(expected({ status: 'succeeded', applied: [path(1)], skipped: 1 }));
    const evicted = target.events.filter(({ type }) => type === 'evicted');
    expect(evicted).toEqual([
      {
        type: 'evicted',
        holder: containing(`backend ${backendPid}: postgres-manager frozen/1 ${path(1)}`),
      },
    ]);
    expect(await isAlive(target.database, backendPid)).toBe(false);
    expect(await target.tables()).toEqual(['a', 'b']);
  });

  test('is ended also for someone who would not have waited', async () => {
    const target = await makeTarget(server);
    await holdLock(target.database, 'postgres-manager gone');
    const run = await target.run('deployment', FILES, { lockWaitMs: 0, isAbandoned: () => true });
    expect(run).toEqual(expected({ status: 'succeeded', applied: Object.keys(FILES) }));
  });

  test.each([
    ['another run', 'postgres-manager other/1 deployment/00000-file.sql'],
    ['a run whose id begins alike', 'postgres-manager gone/12'],
    ['a person’s run', 'postgres-manager deployment/00000-gone/1.sql'],
    ['a person’s run between two files', 'postgres-manager'],
    ['another program', 'psql gone/1'],
  ])('is the only one that is ended: not %s', async (_title, name) => {
    const target = await makeTarget(server);
    const pid = await holdLock(target.database, name);
    const run = await target.run('deployment', FILES, {
      lockWaitMs: 100,
      isAbandoned: (runId) => runId === 'gone/1' || runId.startsWith('deployment'),
    });
    expect(run).toMatchObject({ status: 'busy', failed: { code: 'lock_busy' } });
    expect(await isAlive(target.database, pid)).toBe(true);
    expect(target.events.filter(({ type }) => type === 'evicted')).toEqual([]);
  });

  test('is waited for where the role may not end it, and the message says so', async () => {
    const target = await makeTarget(server);
    const role = `role_${target.database.name}`;
    await target.database.query(`create role ${role} login password 'pw'`);
    onTestFinished(async () => void (await target.database.query(`drop owned by ${role}; drop role ${role}`)));
    await target.database.query(`grant create on database ${target.database.name} to ${role}`);
    const pid = await holdLock(target.database, 'postgres-manager gone/1');
    const run = await target.run('deployment', FILES, {
      connection: { ...target.database.connection, user: role, password: 'pw' },
      lockWaitMs: 100,
      isAbandoned: () => true,
    });
    expect(run).toMatchObject({ status: 'busy', failed: { code: 'lock_busy' } });
    expect(run.whole.failed?.message).toMatch(/given up on .*gone\/1.* may not end it/);
    expect(await isAlive(target.database, pid)).toBe(true);
  });
});

describeEachServer('a run with an id', (server) => {
  test('is found by it, in every file and between, and by the file it runs', async () => {
    const target = await makeTarget(server);
    const files = deployments(
      'select pg_sleep(60);',
      '-- transactional: false\nvacuum; select pg_sleep(60);',
      'create table late ();',
    );
    const stop = new AbortController();
    const names: string[] = [];
    for (const ordinal of [0, 1]) {
      const running = target.run('deployment', files, { runId: '3f2a9c1b7d4e/3', signal: stop.signal });
      const pid = await untilAsleep(target.database);
      const [row] = await target.database.query<{ name: string }>(
        'select application_name as name from pg_stat_activity where pid = $1',
        [pid],
      );
      names.push(row?.name ?? '');
      await target.database.query('select pg_cancel_backend($1)', [pid]);
      await running;
      Object.assign(files, { [path(ordinal)]: 'select 1;' });
    }
    expect(names).toEqual([0, 1].map((ordinal) => `postgres-manager 3f2a9c1b7d4e/3 ${path(ordinal)}`));
  });

  test('that nobody could find again is a mistake of the caller', async () => {
    const target = await makeTarget(server);
    await expect(target.run('deployment', FILES, { runId: 'two words' })).rejects.toThrow(RangeError);
  });

  test('tells what it will do, and what earlier attempts of the same deployment did', async () => {
    const target = await makeTarget(server);
    const broken = deployments('create table a ();', 'create table b ();', 'select broken;', 'vacuum; vacuum;');
    await target.run('deployment', broken, { deploymentId: 'd-1' });
    const mended = { ...broken, [path(2)]: 'select 1; select 2;' };
    await target.run('deployment', mended, { deploymentId: 'd-1', dryRun: true });
    await target.run('deployment', mended);
    const planned = await until(() => {
      const events = target.events.filter((event) => event.type === 'planned');
      return events.length === 3 ? events : null;
    });
    const step = (ordinal: number, transactional: boolean, statementCount: number) => ({
      path: path(ordinal),
      sha256: matching(/^[0-9a-f]{64}$/),
      transactional,
      statementCount,
    });
    const steps = [step(2, true, 2), step(3, false, 2)];
    const appliedEarlier = [0, 1].map((ordinal) => ({
      path: path(ordinal),
      appliedAt: matching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      durationMs: expect.any(Number) as unknown,
    }));
    expect(planned[0]).toMatchObject({ total: 4, skipped: 0, appliedEarlier: [] });
    expect(planned[1]).toEqual({ type: 'planned', total: 2, skipped: 2, steps, appliedEarlier });
    expect(planned[2]).toEqual({ type: 'planned', total: 2, skipped: 2, steps, appliedEarlier: [] });
  });
});
