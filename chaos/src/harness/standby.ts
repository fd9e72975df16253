import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';
import { listens } from './listens.ts';
import { eventually } from './wait.ts';

/**
 * Makes a server a standby for the time of `use`: one that was stopped in order and finds this file comes up in
 * recovery, whether or not it has a primary.
 */
export async function asStandby(cluster: Cluster, use: () => Promise<void>): Promise<void> {
  await cluster.stop();
  const signal = join(cluster.dataDirectory, 'standby.signal');
  await writeFile(signal, '');
  if (cluster.account !== null) await chown(signal, cluster.account.uid, cluster.account.gid);
  // It counts as started when it takes writes again.
  const started = cluster.start();
  await eventually('the standby listens', () => listens(cluster.port), Boolean, 20_000);
  try {
    await use();
  } finally {
    await cluster.admin.query('SELECT pg_promote(false)');
    await started;
  }
}
