import { expect, onTestFinished, test } from 'vitest';
import { describeEachServer } from '../../../../test-support/servers.ts';
import { mayPass, readRun, type ReadRunOptions, type RunOutcome } from '../../src/index.ts';
import { LOCK_KEY } from '../../src/target/lock.ts';
import { deployments, makeTarget, path, type Target, until, untilAsleep } from './target.ts';

const FILES = deployments('create table a ();', 'create table b ();');
const text = (): unknown => expect.any(String);

function read(target: Target, options: Partial<ReadRunOptions> = {}): Promise<RunOutcome> {
  return readRun({ connection: target.database.connection, deploymentId: 'd-1', lockWaitMs: 0, ...options });
}

const applied = (...ordinals: number[]): object[] =>
  ordinals.map((ordinal) => ({
    path: path(ordinal),
    appliedAt: text(),
    durationMs: expect.any(Number) as unknown,
  }));

describeEachServer('what became of a run', (server) => {
  test('is read off the ledger: its own files, oldest first, and no other’s', async () => {
    const target = await makeTarget(server);
    expect(await read(target)).toEqual({ status: 'settled', applied: [], unfinished: [], failed: null });
    expect(await target.tables()).toEqual([]);
    await target.run('deployment', deployments('create table a ();'), { deploymentId: 'd-0' });
    const more = { ...FILES, ...deployments('create table a ();', 'create table b ();', 'create table c ();') };
    await target.run('deployment', more, { deploymentId: 'd-1' });
    expect(await read(target)).toEqual({ status: 'settled', applied: applied(1, 2), unfinished: [], failed: null });
    expect(await read(target, { mode: 'manual-deployment' })).toMatchObject({ status: 'settled', applied: [] });
    expect(await read(target, { deploymentId: 'd-0' })).toMatchObject({ applied: applied(0) });
  });

  test('names a file that it left unfinished, and who took it over', async () => {
    const target = await makeTarget(server);
    const files = deployments(
      'create table a (id int);',
      '-- transactional: false\ncreate index concurrently i on a (id);\nvacuum a; do $$ begin perform pg_sleep(60); end $$;',
    );
    for (const deploymentId of ['d-1', 'd-2']) {
      const running = target.run('deployment', files, { deploymentId });
      const pid = await untilAsleep(target.database);
      await target.database.query('select pg_terminate_backend($1)', [pid]);
      expect(await running).toMatchObject({ status: 'failed', failed: { code: 'connection_lost' } });
      const outcome = await read(target, { deploymentId });
      expect(outcome.applied).toEqual(deploymentId === 'd-1' ? applied(0) : []);
      expect(outcome.unfinished).toEqual([
        { path: path(1), sha256: text(), startedAt: text(), statementsDone: 2, statementRunning: 3 },
      ]);
      await target.database.query('update postgres_manager.intent set statement_running = null');
    }
    expect(await read(target)).toMatchObject({ applied: applied(0), unfinished: [] });
  });

  test('is not told while the run goes on, unless that was given up on', async () => {
    const target = await makeTarget(server);
    const files = deployments('create table a ();', 'create table b (); select pg_sleep(60);');
    const running = target.run('deployment', files, { deploymentId: 'd-1', runId: 'slow/1' });
    await untilAsleep(target.database);
    expect(await read(target)).toMatchObject({ status: 'busy', applied: [], failed: { code: 'lock_busy' } });
    const outcome = await read(target, { isAbandoned: (runId) => runId === 'slow/1' });
    expect(outcome).toMatchObject({ status: 'settled', applied: applied(0) });
    expect(await running).toMatchObject({ status: 'failed', failed: { code: 'connection_lost' } });
  });

  test('is not told of a target that is another one, or away', async () => {
    const target = await makeTarget(server);
    await target.run('deployment', FILES, { deploymentId: 'd-1' });
    await target.database.query(`update postgres_manager.instance set database_name = 'other'`);
    expect(await read(target)).toMatchObject({ status: 'refused', failed: { code: 'wrong_database' } });
    const away = { ...target.database.connection, port: 1 };
    const outcome = await read(target, { connection: away, connectTimeoutMs: 0 });
    expect(outcome).toMatchObject({ status: 'refused', applied: [], failed: { code: 'unreachable' } });
    const signal = AbortSignal.abort();
    expect(await read(target, { signal })).toMatchObject({ status: 'failed', failed: { code: 'cancelled' } });
  });
});

describeEachServer('a connection that breaks while no file runs', (server) => {
  test('is a failure that may pass, and no defect', async () => {
    const target = await makeTarget(server);
    const holder = await target.database.connect();
    await holder.query(`select pg_advisory_lock(${LOCK_KEY})`);
    const running = target.run('deployment', FILES, { runId: 'waiting' });
    const { pid } = await until(async () => {
      const [row] = await target.database.query<{ pid: number }>(
        `select pid from pg_stat_activity where application_name = 'postgres-manager waiting'`,
      );
      return row;
    });
    await target.database.query('select pg_terminate_backend($1)', [pid]);
    const { whole, ...run } = await running;
    expect(run).toMatchObject({ status: 'failed', applied: [], failed: { file: null, code: 'connection_lost' } });
    expect(whole.failed === null || mayPass(whole.failed)).toBe(true);
  });

  test('or is refused for want of the right to connect names the grant', async () => {
    const target = await makeTarget(server);
    const role = `role_${target.database.name}`;
    await target.database.query(`create role ${role} login password 'pw'`);
    onTestFinished(async () => void (await target.database.query(`drop owned by ${role}; drop role ${role}`)));
    await target.database.query(`revoke connect on database ${target.database.name} from public`);
    const connection = { ...target.database.connection, user: role, password: 'pw' };
    const run = await target.run('deployment', FILES, { connection, connectTimeoutMs: 0 });
    expect(run).toMatchObject({ status: 'refused', failed: { code: 'permission_missing' } });
    const grant = `GRANT CONNECT ON DATABASE "${target.database.name}" TO "${role}";`;
    expect(run.whole.failed?.hint).toContain(grant);
    await target.database.query(grant);
  });
});

describeEachServer('the status of a target', (server) => {
  test('holds what identifies the server, and the digests of the ledger', async () => {
    const target = await makeTarget(server);
    await target.run('deployment', deployments('create table a ();'));
    const status = await target.status(FILES);
    expect(status.systemIdentifier).toMatch(/^\d{10,}$/);
    expect(Math.floor((status.serverVersionNumber ?? 0) / 10_000)).toBe(server.majorVersion);
    expect(status.files.map(({ path: name, state, sha256 }) => [name, state, sha256?.length ?? null])).toEqual([
      [path(0), 'applied', 64],
      [path(1), 'pending', null],
    ]);
  });
});
