import { deepStrictEqual } from 'node:assert';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backendsOf, descendants, readMemory, timeProcess } from '../measure.mjs';
import { writeLargeFile } from '../workloads.mjs';

/** A little under the 50 MiB that a file may have. */
const SIZE_BYTES = 50_000_000;

/**
 * The peak memory of client and backend while one 50 MB file of INSERT statements is applied, against
 * `psql -f -1`.
 * @returns the file, and by contender the time and the peaks in bytes
 */
export async function measureMemory({ server, databases, tool, psql, say }) {
  const folder = mkdtempSync(join(tmpdir(), 'postgres-manager-bench-files-'));
  try {
    mkdirSync(join(folder, 'deployment'));
    const path = join(folder, 'deployment', '00000-readings.sql');
    const file = await writeLargeFile(path, SIZE_BYTES);
    say(`\n${server.label}; one file of ${(file.sizeBytes / 1e6).toFixed(0)} MB, ${file.statements} INSERT statements`);
    const commands = {
      ...(tool === null ? {} : { 'postgres-manager': (dsn) => tool.command(folder, dsn) }),
      ...(psql === null ? {} : { psql: (dsn) => ({ file: psql, args: ['-X', '-q', '-1', '-f', path, dsn] }) }),
    };
    const peaks = {};
    for (const [id, command] of Object.entries(commands)) {
      peaks[id] = await measureOnce({ server, databases, command, statements: file.statements });
      const { ms, client, backend, backendOwn } = peaks[id];
      const memory = `client ${megabytes(client)}, backend ${megabytes(backend)}, of it not shared ${megabytes(backendOwn)}`;
      say(`  ${id.padEnd(18)} ${(ms / 1000).toFixed(1)} s; peaks: ${memory}`);
    }
    return { server: server.id, ...file, peaks };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureOnce({ server, databases, command, statements }) {
  return databases.withFresh(async (name) => {
    const peaks = { client: 0, backend: 0, backendOwn: 0 };
    const ms = await timeProcess(command(server.dsn(name)), (pid) => {
      const client = [pid, ...descendants(pid)].map(readMemory).filter((memory) => memory !== null);
      const together = client.reduce((sum, memory) => sum + memory.resident, 0);
      peaks.client = Math.max(peaks.client, together, ...client.map((memory) => memory.peak));
      for (const memory of backendsOf(server.pid, name).map(readMemory)) {
        if (memory === null) continue;
        peaks.backend = Math.max(peaks.backend, memory.peak);
        peaks.backendOwn = Math.max(peaks.backendOwn, memory.own);
      }
    });
    const { n } = await databases.ask(name, 'SELECT count(*)::int AS n FROM reading');
    deepStrictEqual(n, statements, 'not every row of the large file arrived');
    return { ms, ...peaks };
  });
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
