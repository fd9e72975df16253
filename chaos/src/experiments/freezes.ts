import { check, experiment } from '../experiment.ts';
import { prepareChains } from '../harness/chains.ts';
import { TARGET_MOMENTS, WORKER_MOMENTS } from '../harness/failpoints.ts';
import type { Failpoints } from '../harness/failpoints.ts';
import { findHolder } from '../harness/look-up.ts';
import { QUICK_TIMING, type Service } from '../harness/service.ts';
import type { Slot } from '../harness/slot.ts';
import { readEnds, Tally, untilFinal } from '../harness/storm.ts';
import { pause, seenWithin } from '../harness/wait.ts';
import { findStaleWrites, watchWrites } from '../harness/write-watch.ts';
import type { Random } from '../random.ts';

const WORKERS = 8;
const TARGETS = 4;
const FROZEN_AT_A_TIME = 3;
const HOUR_MS = 3_600_000;

/** A worker that stands still past its lease, and then goes on as if nothing had been. */
export const freezes = experiment({
  invariants: [4, 5],
  name: 'freezes',
  does: 'workers are stopped past their leases (SIGSTOP) and let go on, at any time and with a write in hand; their clocks are off by up to an hour',
  sizes: { long: { freezes: 100 }, short: { freezes: 6 } },
  run: ({ lab, random, size }) => {
    const clockOffsetsMs = [0, HOUR_MS, -HOUR_MS, 0, 20_000, -20_000, 0, 0];
    return lab.withService({ workers: WORKERS, clockOffsetsMs }, async (service) => {
      await watchWrites(service);
      const chains = await prepareChains(lab, service, random, { links: 20, filesEach: 3, pauseMs: 60 });
      const tally = new Tally();
      const isOver = (): boolean => tally.total >= size.freezes;
      const load = Array.from({ length: TARGETS }, async () => {
        while (!isOver()) await chains.run(isOver);
      });
      const storms = Array.from({ length: FROZEN_AT_A_TIME }, async () => {
        while (!isOver()) {
          const slot = random.pick(service.workers.filter(({ isTaken }) => !isTaken));
          await slot.take(() => freezeSometime(service, slot, random, tally));
        }
      });
      await Promise.all([...load, ...storms]);
      const stuck = await untilFinal(service, 60_000);
      const findings = await chains.judge();
      const { writes, stale } = await findStaleWrites(service);
      const { byStatus, notSucceeded } = await readEnds(service);
      const files = chains.countFiles();
      return {
        faults: tally.counts,
        figures: { 'writes looked at': writes, files, 'hours between clocks': 2, ...byStatus },
        checks: [
          check('no two executors in one target at a time', size.freezes, findings.overlaps),
          check('no write of a worker that was given up on', size.freezes, stale),
          check('no file is applied twice, missing, half in or out of order', files, [
            ...findings.twice,
            ...findings.missing,
            ...findings.partial,
            ...findings.outOfOrder,
          ]),
          check('target and ledger agree', files, findings.ledger),
          check('every deployment ends, and well', chains.accepted.length, [
            ...stuck.map(({ id, status }) => `${id} is still ${status}`),
            ...notSucceeded,
          ]),
        ],
      };
    });
  },
});

/** With something in hand: a write that waits in the proxy until long after it is another's, or a file under way. */
async function freezeSometime(service: Service, slot: Slot, random: Random, tally: Tally): Promise<void> {
  const isWrite = random.chance(0.5);
  const points = isWrite ? slot.control : slot.target;
  const moments = isWrite
    ? (['between the target’s commit and the control write', 'before progress is written', 'after the claim'] as const)
    : (['before the first statement', 'as the target has committed'] as const);
  const name = random.pick<string>(moments);
  const moment = { ...WORKER_MOMENTS, ...TARGET_MOMENTS }[name as keyof typeof WORKER_MOMENTS];
  if (points === null) return;
  const isHit = await freezeAt(service, points, moment, slot, random.between(200, 1500));
  if (isHit) tally.add(`worker frozen ${name}`);
}

async function freezeAt(
  service: Service,
  points: Failpoints,
  moment: Parameters<Failpoints['arm']>[0],
  slot: Slot,
  longerMs: number,
): Promise<boolean> {
  let hit: { readonly deploymentId: string | null } | null = null;
  let letGo: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  points.arm(moment, (at) => {
    hit = at;
    slot.signal('SIGSTOP');
    return over;
  });
  await seenWithin(() => hit !== null, Boolean, 1500);
  points.disarm();
  if (hit === null) return false;
  const { deploymentId } = hit as { readonly deploymentId: string | null };
  // Best while another has it in hand: then a write that is let through would do the most harm.
  const isAnothers = async (): Promise<boolean> => {
    const holder = deploymentId === null ? null : await findHolder(service, deploymentId);
    return holder !== null && holder !== slot;
  };
  if (deploymentId === null) await pause(QUICK_TIMING.leaseMs + longerMs);
  else await seenWithin(isAnothers, Boolean, QUICK_TIMING.leaseMs + 2000);
  // The message that was held goes first: it is the stale write.
  letGo();
  slot.signal('SIGCONT');
  return true;
}
