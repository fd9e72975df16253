import { check, experiment } from '../experiment.ts';
import { bulkyFiles } from '../harness/bulky-files.ts';
import { startCluster } from '../harness/cluster.ts';
import { type CountedFile, storeBundle } from '../harness/counted-files.ts';
import { judgeTarget, mergeFindings } from '../harness/judge-target.ts';
import { isFinal, readRow, waitForEnd } from '../harness/look-up.ts';
import type { Service } from '../harness/service.ts';
import { type SmallDisk, whyNoSmallDisk } from '../harness/small-disk.ts';
import { prepareTargets, type Target } from '../harness/targets.ts';
import { pause } from '../harness/wait.ts';
import type { Random } from '../random.ts';

const DISK_MEGABYTES = 160;
const FILES = 4;
const KILOBYTES_EACH = 1500;
const PAUSE_MS = 100;
const AT_ONCE = 3;
const END_WITHIN_MS = 30_000;

interface Scene {
  readonly service: Service;
  readonly random: Random;
  readonly disk: SmallDisk;
  readonly files: readonly CountedFile[];
  readonly bundle: string;
  readonly seen: Seen;
}

interface Seen {
  deployments: number;
  /** Ended by the full disk. */
  failed: number;
  /** Rounds in which it was full for some run. */
  met: number;
  readonly unsaid: string[];
  readonly open: string[];
  readonly unmended: string[];
}

/** The disk of a target's server is full in the middle of runs, and then it is not. */
export const fullDisk = experiment({
  invariants: [6],
  name: 'full-disk',
  does: 'the disk of the targets’ server is filled up while deployments run, and emptied again',
  sizes: { long: { rounds: 30 }, short: { rounds: 2 } },
  run: async ({ lab, random, size }) => {
    const reason = whyNoSmallDisk();
    if (reason !== null)
      return { faults: {}, figures: {}, checks: [], skipped: [`a full disk of a target: ${reason}`] };
    const cluster = await startCluster({ autovacuum: 'off' }, { diskMegabytes: DISK_MEGABYTES });
    const { disk } = cluster;
    if (disk === null) throw new Error('The server has no disk of its own.');
    const targets = await prepareTargets(cluster);
    try {
      return await lab.withService({ workers: 2, servers: { targetCluster: cluster } }, async (service) => {
        const files = bulkyFiles(FILES, KILOBYTES_EACH, PAUSE_MS);
        const bundle = await storeBundle(service, files);
        const seen: Seen = { deployments: 0, failed: 0, met: 0, unsaid: [], open: [], unmended: [] };
        const scene: Scene = { service, random, disk, files, bundle, seen };
        const judged: Awaited<ReturnType<typeof judgeTarget>>[] = [];
        let round = 0;
        // Where it came too late for all of them, it is done once more.
        for (; seen.met < size.rounds && round < 2 * size.rounds; round++) {
          const made: Target[] = [];
          for (let i = 0; i < AT_ONCE; i++) made.push(await targets.make(service));
          await fillMidway(scene, made);
          for (const target of made) judged.push(await judgeTarget(target, files));
          await targets.dropAll();
        }
        const findings = mergeFindings(judged);
        const n = round * AT_ONCE * FILES;
        return {
          faults: { 'disk filled up': round },
          figures: {
            deployments: seen.deployments,
            'ended by the full disk': seen.failed,
            'times it was full for a run': seen.met,
          },
          checks: [
            check('no file is half in', n, findings.partial),
            check('no file is applied twice or out of order', n, [...findings.twice, ...findings.outOfOrder]),
            check('what did not succeed says that the disk is full (SQLSTATE 53100)', seen.failed, seen.unsaid),
            check('every deployment ends', seen.deployments, seen.open),
            check('with room again, the rest is applied by the next deployment', round * AT_ONCE, [
              ...seen.unmended,
              ...findings.missing,
            ]),
            check('target and ledger agree', n, findings.ledger),
          ],
        };
      });
    } finally {
      await targets.dropAll();
      await cluster.remove();
    }
  },
});

/** Fills the disk while files run, looks how the deployments end, makes room, and deploys again what is left. */
async function fillMidway({ service, random, disk, bundle, seen }: Scene, made: Target[]): Promise<void> {
  const bodyOf = (target: Target) => ({ target: target.name, mode: 'deployment' as const, bundle });
  const ids = await Promise.all(made.map(async (target) => (await service.http.deploy(bodyOf(target))).id));
  await pause(random.between(0, (FILES - 1) * PAUSE_MS));
  await disk.fill();
  await Promise.all(ids.map((id) => waitForEnd(service, id, random.between(2000, 4000))));
  await disk.free();
  const failures = await Promise.all(ids.map((id) => endOf(service, id, seen)));
  if (failures.includes('53100')) seen.met++;
  for (const [i, target] of made.entries()) {
    if (failures[i] === null) continue;
    const { id } = await service.http.deploy(bodyOf(target));
    seen.deployments++;
    const { status, failure } = await waitForEnd(service, id, END_WITHIN_MS);
    if (status !== 'succeeded') seen.unmended.push(`${target.name}: ${id} ${status} ${JSON.stringify(failure)}`);
  }
}

/** @returns the SQLSTATE by which it failed; null: it succeeded */
async function endOf(service: Service, id: string, seen: Seen): Promise<string | null> {
  seen.deployments++;
  await waitForEnd(service, id, END_WITHIN_MS);
  const { status, failure } = await readRow(service, id);
  if (!isFinal(status)) seen.open.push(`${id} is still ${status}`);
  if (status === 'succeeded') return null;
  seen.failed++;
  const { sqlstate = null } = (failure ?? {}) as { sqlstate?: string | null };
  if (sqlstate !== '53100') seen.unsaid.push(`${id} ${status}: ${JSON.stringify(failure)}`);
  return sqlstate ?? 'none';
}
