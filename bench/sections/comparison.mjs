import { deepStrictEqual } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { roundsFor } from '../contenders/index.mjs';
import { timeProcess } from '../measure.mjs';
import { openNetwork } from '../network.mjs';
import { median } from '../statistics.mjs';

/**
 * Runs every contender over every workload on one network, interleaved: A B C, A B C, …
 * @returns one comparison per workload: the network, and the times in ms by contender
 */
export async function compare({ server, databases, contenders, workloads, roundTripMs, rounds, say }) {
  const network = await openNetwork(server, roundTripMs);
  const comparisons = [];
  try {
    for (const workload of workloads) {
      say(`\n${server.label}; ${networkLabel(network)}; ${workload.label}`);
      const runs = await interleave({ databases, contenders, workload, network, rounds, say });
      comparisons.push({
        server: server.id,
        network: { roundTripMs, measuredMs: network.measuredMs },
        workload: workload.id,
        runs,
      });
    }
  } finally {
    network.close();
  }
  return comparisons;
}

export function networkLabel({ roundTripMs, measuredMs }) {
  const measured = `SELECT 1 takes ${measuredMs.toFixed(2)} ms`;
  return roundTripMs === 0 ? `loopback (${measured})` : `${roundTripMs} ms round trip (${measured})`;
}

async function interleave({ databases, contenders, workload, network, rounds, say }) {
  const scratch = mkdtempSync(join(tmpdir(), 'postgres-manager-bench-files-'));
  const runs = Object.fromEntries(contenders.map(({ id }) => [id, []]));
  try {
    const folders = contenders.map((contender) => {
      const folder = mkdtempSync(join(scratch, `${contender.id}-`));
      contender.prepare(workload.files, folder);
      return folder;
    });
    for (let round = 0; round < rounds; round++) {
      for (const [index, contender] of contenders.entries()) {
        if (round >= roundsFor(contender, network.roundTripMs, rounds)) continue;
        const ms = await runOnce({ databases, contender, workload, network, folder: folders[index] });
        runs[contender.id].push(ms);
        say(`  round ${round + 1}  ${contender.label.padEnd(42)} ${(ms / 1000).toFixed(2).padStart(8)} s`);
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  if (rounds > 1) {
    for (const { id, label } of contenders) {
      say(
        `  median   ${label.padEnd(42)} ${(median(runs[id]) / 1000).toFixed(2).padStart(8)} s  (${runs[id].length} runs)`,
      );
    }
  }
  return runs;
}

/** One run on a fresh database; a run that left anything out, or did anything twice, is an error and no figure. */
async function runOnce({ databases, contender, workload, network, folder }) {
  return databases.withFresh(async (name) => {
    const ms = await timeProcess(contender.command(folder, databases.server.dsn(name, network.port)));
    const counted = await databases.ask(name, workload.countSql);
    deepStrictEqual({ ...counted }, workload.expected, `${contender.label} did not apply everything once`);
    if (contender.ledgerSql !== null) {
      const { n } = await databases.ask(name, contender.ledgerSql);
      deepStrictEqual(n, workload.files.length, `${contender.label} recorded ${n} of ${workload.files.length} files`);
    }
    return ms;
  });
}
