import { check, experiment } from '../experiment.ts';
import { prepareChains } from '../harness/chains.ts';
import type { Lab } from '../harness/lab.ts';
import type { Service } from '../harness/service.ts';
import { killSometime, readEnds, Tally, terminateBackend, untilFinal } from '../harness/storm.ts';
import { pause } from '../harness/wait.ts';
import type { Random } from '../random.ts';

const LANES = 8;
const STORMS = 3;

/** Whatever is killed when: each file once, in order. */
export const kills = experiment({
  invariants: [1],
  name: 'kills',
  does: 'workers, APIs and backends are killed at any time and at named moments while files count themselves',
  sizes: { long: { kills: 600 }, short: { kills: 16 } },
  run: ({ lab, random, size }) =>
    lab.withService({ workers: 4, apis: 2 }, async (service) => {
      const chains = await prepareChains(lab, service, random, { links: 12, filesEach: 4, pauseMs: 20 });
      const tally = new Tally();
      const isOver = (): boolean => tally.total >= size.kills;
      const load = Array.from({ length: LANES }, async () => {
        while (!isOver()) await chains.run(isOver);
      });
      const storms = Array.from({ length: STORMS }, () => killUntil(isOver, lab, service, random, tally));
      await Promise.all([...load, ...storms]);
      const stuck = await untilFinal(service, 60_000);
      const findings = await chains.judge();
      const { byStatus, notSucceeded } = await readEnds(service);
      const files = chains.countFiles();
      return {
        faults: tally.counts,
        figures: { kills: tally.total, deployments: chains.accepted.length, files, ...byStatus },
        checks: [
          check('no file is applied twice', tally.total, findings.twice),
          check('no file is missing', tally.total, findings.missing),
          check('no file is half in', tally.total, findings.partial),
          check('no file is out of order', tally.total, findings.outOfOrder),
          check('target and ledger agree', tally.total, findings.ledger),
          check('no two executors at a time', tally.total, findings.overlaps),
          check('every deployment ends, and well', chains.accepted.length, [
            ...stuck.map(({ id, status }) => `${id} is still ${status}`),
            ...notSucceeded,
          ]),
        ],
      };
    }),
});

async function killUntil(
  isOver: () => boolean,
  lab: Lab,
  { workers, apis }: Service,
  random: Random,
  tally: Tally,
): Promise<void> {
  while (!isOver()) {
    await pause(random.between(20, 200));
    if (random.chance(0.25)) {
      if (await terminateBackend(lab)) tally.add('backend terminated');
      continue;
    }
    const isApi = random.chance(0.2);
    const up = (isApi ? apis : workers).filter((slot) => slot.isUp && !slot.isTaken);
    if (up.length === 0) continue;
    const slot = random.pick(up);
    await slot.take(async () => {
      await killSometime(slot, random, tally, isApi ? 'API' : 'worker');
      await slot.replace();
    });
  }
}
