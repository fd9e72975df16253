import { check, experiment } from '../experiment.ts';
import { prepareChains } from '../harness/chains.ts';
import type { Lab } from '../harness/lab.ts';
import type { Slot } from '../harness/slot.ts';
import { readEnds, Tally, untilFinal } from '../harness/storm.ts';
import { pause, seenWithin } from '../harness/wait.ts';
import type { Random } from '../random.ts';

const LANES = 8;
const WAIT_FOR_RUN_MS = 1000;

/**
 * How a line breaks. What is left half-open at the worker's end is cut after a while, as its watch over the connection
 * does on a real network, where nobody answers for a host that is gone.
 */
const BREAKS: Readonly<Record<string, (line: NonNullable<Slot['targetLine']>, random: Random) => Promise<void>>> = {
  'line silent, then well again': async (line, random) => {
    line.set('silent');
    await pause(random.between(200, 2500));
    line.set('open');
  },
  'line silent, then cut': async (line, random) => {
    line.set('silent');
    await pause(random.between(200, 2500));
    line.cut();
    line.set('open');
  },
  'half-open at the worker’s end': async (line, random) => {
    line.strand('client');
    await pause(random.between(200, 2500));
    line.cut();
  },
  // The server goes on with what it was sent, and holds the target's lock: the next run has to deal with that.
  'half-open at the server’s end': async (line, random) => {
    line.strand('server');
    await pause(random.between(200, 1500));
  },
  'line cut, and refusing for a while': async (line, random) => {
    line.set('refusing');
    await pause(random.between(100, 1500));
    line.set('open');
  },
};

/** The way between worker and target breaks while runs are under way. */
export const halfOpen = experiment({
  invariants: [1],
  name: 'half-open',
  does: 'lines between workers and targets fall silent, are cut, or are left half-open at either end while files run',
  sizes: { long: { breaks: 200 }, short: { breaks: 8 } },
  run: ({ lab, random, size }) =>
    lab.withService({ workers: 3 }, async (service) => {
      const chains = await prepareChains(lab, service, random, { links: 8, filesEach: 4, pauseMs: 100 });
      const tally = new Tally();
      const isOver = (): boolean => tally.total >= size.breaks;
      const load = Array.from({ length: LANES }, async () => {
        while (!isOver()) await chains.run(isOver);
      });
      const storm = service.workers.map(async (slot) => {
        while (!isOver()) await breakLine(lab, slot, random, tally);
      });
      await Promise.all([...load, ...storm]);
      const brokenAt = performance.now();
      const stuck = await untilFinal(service, 60_000);
      const settledSeconds = Math.round((performance.now() - brokenAt) / 100) / 10;
      const findings = await chains.judge();
      const { byStatus, notSucceeded } = await readEnds(service);
      const files = chains.countFiles();
      const accepted = chains.accepted.length;
      return {
        faults: tally.counts,
        figures: { files, 'seconds to the last end': settledSeconds, ...byStatus },
        checks: [
          check('no file is applied twice', tally.total, findings.twice),
          check('no file is missing or half in', files, [...findings.missing, ...findings.partial]),
          check('no file is out of order', files, findings.outOfOrder),
          check('no two executors at a time', tally.total, findings.overlaps),
          check('target and ledger agree', files, findings.ledger),
          check(
            'every deployment is final within 60 s after the last break',
            accepted,
            stuck.map(({ id, status }) => `${id} is still ${status}`),
          ),
          check('all succeed', accepted, notSucceeded),
        ],
      };
    }),
});

/** In the middle of a run of this worker, where one can be met. */
async function breakLine(lab: Lab, slot: Slot, random: Random, tally: Tally): Promise<void> {
  const { targetLine } = slot;
  if (targetLine === null) return;
  await pause(random.between(0, 100));
  const isInRun = async (): Promise<boolean> => {
    const rows = await lab.targetCluster.admin.query(
      `SELECT FROM pg_stat_activity WHERE application_name LIKE 'postgres-manager %/%' AND state <> 'idle' LIMIT 1`,
    );
    return rows.length > 0;
  };
  if (!(await seenWithin(isInRun, Boolean, WAIT_FOR_RUN_MS))) return;
  const [name, act] = random.pick(Object.entries(BREAKS));
  if (targetLine.connections() === 0) return;
  await act(targetLine, random);
  tally.add(name);
}
