import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { build } from '../scripts/build.mjs';
import { embeddedBinDirectory } from '../apps/standalone/src/postgres/binaries.ts';
import { startCluster, type TestCluster, type TestServer, versionOf } from './postgres-cluster.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Every Postgres server of this run. Read it through `test-support/servers.ts`. */
    servers: TestServer[];
  }
}

/**
 * Starts the Postgres servers of a test run, all at once: the embedded one, and the newest of each major version that
 * the distribution has installed. With DATABASE_URL set (a superuser's), that server is used and none is started.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  // Tests of the command run what is built: never let them judge an older state of the sources.
  if (!(await build())) throw new Error('The build failed: see above.');
  const databaseUrl = process.env.DATABASE_URL;
  if (databaseUrl) {
    project.provide('servers', [await serverOf(databaseUrl)]);
    return () => Promise.resolve();
  }
  const started = await Promise.allSettled(installations().map(([label, folder]) => startCluster(label, folder)));
  const clusters = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = started.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await removeAll(clusters);
    throw failed.reason;
  }
  project.provide(
    'servers',
    clusters.map((cluster) => cluster.server),
  );
  return () => removeAll(clusters);
}

async function removeAll(clusters: readonly TestCluster[]): Promise<void> {
  await Promise.all(clusters.map((cluster) => cluster.remove()));
}

/** Label and bin folder of each Postgres to test against; the embedded one first. */
function installations(): [label: string, binDirectory: string][] {
  const embedded = embeddedBinDirectory();
  const found = new Map<string, string>([[`postgres-${majorOf(embedded)}-embedded`, embedded]]);
  for (const folder of distributionBinDirectories()) {
    const label = `postgres-${majorOf(folder)}`;
    if (!found.has(label)) found.set(label, folder);
  }
  return [...found];
}

function majorOf(binDirectory: string): number {
  return Number.parseInt(versionOf(binDirectory), 10);
}

function distributionBinDirectories(): string[] {
  const debian = '/usr/lib/postgresql';
  return [
    ...(existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, 'bin')) : []),
    ...(process.env.PATH ?? '').split(delimiter),
  ].filter((folder) => existsSync(join(folder, 'postgres')) && existsSync(join(folder, 'initdb')));
}

async function serverOf(databaseUrl: string): Promise<TestServer> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ version: string }>(`select current_setting('server_version') as version`);
    const version = rows[0]?.version.split(' ', 1)[0] ?? 'unknown';
    return {
      label: 'database-url',
      version,
      majorVersion: Number.parseInt(version, 10),
      host: client.host,
      port: client.port,
      user: client.user ?? 'postgres',
      password: client.password ?? '',
      binDirectory: null,
    };
  } finally {
    await client.end();
  }
}
