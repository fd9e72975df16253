import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type TemporaryRoot, temporaryRoot } from '../../../test-support/temporary-root.ts';
import { postgresAccount } from '../src/postgres/account.ts';
import { embeddedBinDirectory } from '../src/postgres/binaries.ts';
import { createCluster } from '../src/postgres/create-cluster.ts';
import { type EmbeddedPostgres, startEmbedded } from '../src/postgres/start-embedded.ts';

/** Stands for the repository's folder; made with its cluster once, since that takes the longest. */
let checkout: TemporaryRoot;

beforeAll(async () => {
  checkout = await openRoot();
  const first = await start(null);
  await query(first.dsnOf('local'), 'create table kept as select 42 as answer');
  await first.server.stop();
  return () => checkout.remove();
});

/** A folder that the account of Postgres may enter, as most checkouts are. */
async function openRoot(): Promise<TemporaryRoot> {
  const root = await temporaryRoot();
  await chmod(root.path, 0o755);
  return root;
}

function start(port: number | null): Promise<EmbeddedPostgres> {
  return startEmbedded(checkout.path, port, ['local', 'other'], () => undefined);
}

async function query(dsn: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: dsn });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

describe('the embedded Postgres', () => {
  test('keeps its data from one start to the next, in UTF-8 and the C locale', async () => {
    const { dsnOf, server } = await start(null);
    onTestFinished(() => server.stop());
    expect(await query(dsnOf('local'), 'select answer from kept')).toEqual([{ answer: 42 }]);
    expect(
      await query(
        dsnOf('local'),
        `select pg_encoding_to_char(encoding) as encoding, datcollate from pg_database limit 1`,
      ),
    ).toEqual([{ encoding: 'UTF8', datcollate: 'C' }]);
  });

  test('lets nobody in without its password, which only its owner can read', async () => {
    const { dsnOf, server, dataDirectory } = await start(null);
    onTestFinished(() => server.stop());
    const wrong = new URL(dsnOf('local'));
    wrong.password = 'guessed';
    await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    expect((await stat(`${dataDirectory}-password`)).mode & 0o777).toBe(0o600);
  });

  test('is not started twice at once', async () => {
    const { server, dataDirectory } = await start(null);
    onTestFinished(() => server.stop());
    // Another process that is alive and says that it owns the server.
    await writeFile(`${dataDirectory}-owner`, String(process.ppid));
    await expect(start(null)).rejects.toThrow(`in use by another npm start (process ${process.ppid})`);
    expect(existsSync(join(dataDirectory, 'postmaster.pid'))).toBe(true);
  });

  test('takes the place of a server whose owner is gone', async () => {
    const gone = spawn('true');
    await once(gone, 'exit');
    const left = await start(null);
    await writeFile(`${left.dataDirectory}-owner`, String(gone.pid));

    const next = await start(null);
    onTestFinished(() => next.server.stop());
    await left.server.exited;
    expect(await query(next.dsnOf('local'), 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  test('runs on the port it is told, and says so when that one is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(start(port)).rejects.toThrow(`Port ${port} is in use.`);
    other.close();
    await once(other, 'close');

    const { server } = await start(port);
    onTestFinished(() => server.stop());
    expect(server.port).toBe(port);
  });

  test.runIf(process.getuid?.() === 0)('is kept elsewhere where its account cannot enter the checkout', async () => {
    const closed = await temporaryRoot();
    onTestFinished(() => closed.remove());
    const { dsnOf, server, dataDirectory } = await startEmbedded(closed.path, null, ['local'], () => undefined);
    onTestFinished(async () => {
      await server.stop();
      await rm(dirname(dataDirectory), { recursive: true });
    });
    expect(dataDirectory.startsWith(closed.path)).toBe(false);
    expect(await query(dsnOf('local'), 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('says what to do when its password got lost', async () => {
    const { server, dataDirectory } = await start(null);
    await server.stop();
    const passwordFile = `${dataDirectory}-password`;
    const password = await readFile(passwordFile, 'utf8');
    await rm(passwordFile);
    await expect(start(null)).rejects.toThrow(`remove ${dataDirectory} to begin anew`);
    await writeFile(passwordFile, password);
  });
});

test('shows what initdb says when it fails', async () => {
  const root = await openRoot();
  onTestFinished(() => root.remove());
  const cluster = createCluster({
    binDirectory: embeddedBinDirectory(),
    dataDirectory: join(root.path, 'data'),
    user: 'pg_forbidden',
    password: 'x',
    account: await postgresAccount(),
    durable: false,
  });
  await expect(cluster).rejects.toThrow(/^initdb could not make .*superuser name "pg_forbidden" is disallowed/s);
});
