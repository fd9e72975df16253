import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchPath } from '../contenders/contender.mjs';
import { timeProcess } from '../measure.mjs';
import { median, pairedRatio } from '../statistics.mjs';

/**
 * A second run with nothing left to do, against a bare Node program that connects and asks one question,
 * alternating.
 * @param tool the contender that is this repository's command; null to time the bare program alone
 * @returns the times in ms, pair by pair
 */
export async function measureNothingToDo({ server, databases, tool, workload, pairs, say }) {
  say(`\n${server.label}; a second run with nothing to do (${workload.files.length} files applied)`);
  const folder = mkdtempSync(join(tmpdir(), 'postgres-manager-bench-files-'));
  const runs = { tool: [], bare: [] };
  try {
    tool?.prepare(workload.files, folder);
    await databases.withFresh(async (name) => {
      const dsn = server.dsn(name);
      const bare = { file: process.execPath, args: [benchPath('programs/connect-and-ask.mjs'), dsn] };
      const again = tool?.command(folder, dsn);
      if (again !== undefined) await timeProcess(again);
      for (let pair = 0; pair < pairs; pair++) {
        if (again !== undefined) runs.tool.push(await timeProcess(again));
        runs.bare.push(await timeProcess(bare));
      }
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  say(`  bare Node program, median of ${pairs}: ${median(runs.bare).toFixed(0)} ms`);
  if (tool !== null) {
    const ratio = pairedRatio(runs.tool, runs.bare).toFixed(2);
    say(`  ${tool.label}, median of ${pairs}: ${median(runs.tool).toFixed(0)} ms; ${ratio} times the bare program`);
  }
  return { server: server.id, files: workload.files.length, runs };
}
