import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { postgresAccount } from '../../../../apps/standalone/src/postgres/account.ts';
import { freePort } from '../../../../apps/standalone/src/postgres/free-port.ts';
import { startCluster, type TestServer } from '../../../../test-support/postgres-cluster.ts';
import { describeEachServer } from '../../../../test-support/servers.ts';
import { createTestDatabase } from '../../../../test-support/test-database.ts';
import { bundleOf, deployments, expected, makeTarget, path, targetOn, until } from './target.ts';
import { type ConnectionSettings, deploy, readStatus } from '../../src/index.ts';

const FILES = deployments('create table a ();');

const refusedWith = (code: 'standby' | 'read_only' | 'pooler' | 'wrong_database') =>
  expected({ status: 'refused', failed: { file: null, line: null, column: null, sqlstate: null, code } });

/** Passes everything on, but for the process id that the server announces: as a pooler would. */
async function fakePooler(server: TestServer): Promise<number> {
  const proxy = createServer((client) => {
    const upstream = connect(server.port, server.host);
    let announced = false;
    client.pipe(upstream);
    upstream.on('data', (data: Buffer) => {
      if (!announced) announced = changeProcessId(data);
      client.write(data);
    });
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void proxy.close());
  return (proxy.address() as AddressInfo).port;
}

/** BackendKeyData (PostgreSQL manual, 53.7): `K`, a length of 12, process id, key. */
function changeProcessId(data: Buffer): boolean {
  const at = data.indexOf(Buffer.from([0x4b, 0, 0, 0, 12]));
  if (at === -1) return false;
  data.writeInt32BE(data.readInt32BE(at + 5) + 1, at + 5);
  return true;
}

function pgbouncer(): string | null {
  return ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'].find(existsSync) ?? null;
}

/** A PgBouncer of the test's own, in front of one database. */
async function startPgBouncer(
  program: string,
  target: ConnectionSettings,
  mode: 'transaction' | 'session',
): Promise<ConnectionSettings> {
  const folder = await mkdtemp(join(tmpdir(), 'pm-bouncer-'));
  const port = await freePort();
  const account = await postgresAccount();
  const config = join(folder, 'pgbouncer.ini');
  await writeFile(
    config,
    `[databases]
${target.database} = host=${target.host} port=${target.port} dbname=${target.database} user=${target.user} password=${target.password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
`,
  );
  await chmod(folder, 0o755);
  if (account !== null) await chown(config, account.uid, account.gid);
  const child = spawn(program, [config], { stdio: 'ignore', ...account });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  return { ...target, host: '127.0.0.1', port };
}

describeEachServer('a target that must not be changed', (server) => {
  test('is refused while it is read-only, and can be asked all the same', async () => {
    const target = await makeTarget(server);
    await target.database.query(`alter database ${target.database.name} set default_transaction_read_only = on`);
    expect(await target.run('deployment', FILES)).toEqual(refusedWith('read_only'));
    expect(await target.run('deployment', FILES, { dryRun: true })).toMatchObject({ status: 'succeeded' });
    expect(await target.status(FILES)).toMatchObject({ failed: null, hasLedger: false, files: [{ state: 'pending' }] });
  });

  test.skipIf(server.binDirectory === null)(
    'is refused while it is a standby, and can be asked all the same',
    async () => {
      const cluster = await startCluster('standby', server.binDirectory ?? '');
      onTestFinished(() => cluster.remove());
      const database = await createTestDatabase(cluster.server);
      const target = targetOn(database);
      await target.run('deployment', FILES);
      await cluster.stop();
      // A cluster that was stopped in order and finds this file comes up in recovery, whether or not it has a primary.
      const signal = join(cluster.dataDirectory, 'standby.signal');
      const { uid, gid } = await stat(cluster.dataDirectory);
      await writeFile(signal, '');
      await chown(signal, uid, gid);
      // Ready for reading only, so that it counts as started when it is promoted; until then the runs below wait for it.
      const started = cluster.startAgain();
      const more = { ...FILES, [path(1)]: 'create table b ();' };
      expect(await target.run('deployment', more)).toEqual(refusedWith('standby'));
      expect(await target.run('deployment', more, { dryRun: true })).toMatchObject({ status: 'succeeded', skipped: 1 });
      expect((await target.status(more)).files.map(({ state }) => state)).toEqual(['applied', 'pending']);
      const promoter = await database.connect();
      await promoter.query('select pg_promote(false)');
      await started;
    },
  );

  test('is refused behind something that hands its connections around, unless told otherwise', async () => {
    const target = await makeTarget(server);
    const connection = { ...target.database.connection, host: '127.0.0.1', port: await fakePooler(server) };
    expect(await target.run('deployment', FILES, { connection })).toEqual(refusedWith('pooler'));
    expect(await target.tables()).toEqual([]);
    expect(await target.run('deployment', FILES, { connection, acceptPooler: true })).toMatchObject({
      status: 'succeeded',
    });
  });

  const program = pgbouncer();
  test.skipIf(program === null)(
    `is refused behind a PgBouncer${program === null ? ' (skipped: pgbouncer is not installed here)' : ', and leaves no lock behind in it'}`,
    async () => {
      const target = await makeTarget(server);
      for (const mode of ['transaction', 'session'] as const) {
        const connection = await startPgBouncer(program ?? '', target.database.connection, mode);
        expect(await target.run('deployment', FILES, { connection })).toEqual(refusedWith('pooler'));
        if (mode === 'transaction') expect(await target.tables()).toEqual([]);
        else {
          expect(await target.run('deployment', FILES, { connection, acceptPooler: true })).toMatchObject({
            status: 'succeeded',
          });
        }
      }
    },
  );

  test('is refused when its ledger was made in another database, until that is accepted', async () => {
    const original = await createTestDatabase(server);
    onTestFinished(() => original.drop());
    const options = { connection: original.connection, bundle: bundleOf(FILES) };
    expect(await deploy({ ...options, mode: 'deployment' })).toMatchObject({ status: 'succeeded' });
    const copy = await untilCopied(server, original.name);
    onTestFinished(() => copy.drop());
    const target = targetOn(copy);
    const more = { ...FILES, [path(1)]: 'create table b ();' };
    const refused = await target.run('deployment', more);
    expect(refused).toEqual(refusedWith('wrong_database'));
    expect(refused.whole.failed?.message).toContain(original.name);
    expect(await target.run('deployment', more, { dryRun: true })).toEqual(refusedWith('wrong_database'));
    expect(await readStatus({ connection: copy.connection, bundle: bundleOf(more) })).toMatchObject({
      failed: { code: 'wrong_database' },
    });
    expect(await target.tables()).toEqual(['a']);
    expect(await target.run('deployment', more, { acceptIdentity: true })).toEqual(
      expected({ status: 'succeeded', applied: [path(1)], skipped: 1 }),
    );
    expect(await target.run('deployment', more)).toEqual(expected({ status: 'nothing_to_do', skipped: 2 }));
  });

  test('is accepted for good even when there is nothing to run', async () => {
    const original = await createTestDatabase(server);
    onTestFinished(() => original.drop());
    await deploy({ connection: original.connection, bundle: bundleOf(FILES), mode: 'deployment' });
    const copy = await untilCopied(server, original.name);
    onTestFinished(() => copy.drop());
    const target = targetOn(copy);
    expect(await target.run('deployment', FILES, { acceptIdentity: true })).toMatchObject({ failed: null, skipped: 1 });
    expect(await target.run('deployment', FILES)).toEqual(expected({ status: 'nothing_to_do', skipped: 1 }));
  });
});

/** A copy as a restore makes it. The session of the last run may take a moment to leave. */
async function untilCopied(server: TestServer, name: string): Promise<Awaited<ReturnType<typeof createTestDatabase>>> {
  return await until(() => createTestDatabase(server, name).catch(() => null));
}

describeEachServer('a database of another encoding', (server) => {
  test('gets the same letters, and places still count in characters', async () => {
    const database = await createTestDatabase(server);
    onTestFinished(() => database.drop());
    const latin = `${database.name}_latin`;
    await database.query(`create database ${latin} template template0 encoding 'LATIN1' locale 'C'`);
    onTestFinished(() => database.query(`drop database if exists ${latin} with (force)`).then(() => undefined));
    const connection = { ...database.connection, database: latin };
    const files = deployments("create table t as select 'grün'::text as a;", "select 'grün', nope;");
    const report = await deploy({ connection, bundle: bundleOf(files), mode: 'deployment' });
    expect(report).toMatchObject({
      status: 'failed',
      applied: [path(0)],
      failed: { file: path(1), line: 1, column: 16 },
    });
  });
});
