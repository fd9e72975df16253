import { check, experiment } from '../experiment.ts';
import { prepareChains } from '../harness/chains.ts';
import { readEnds, Tally, terminateBackend, untilFinal } from '../harness/storm.ts';
import { pause } from '../harness/wait.ts';

const LANES = 16;

/** A backend that is ended in the middle of a file: all of it is in, or nothing. */
export const backends = experiment({
  invariants: [6],
  name: 'backends',
  does: 'backends are terminated while files of several statements run',
  sizes: { long: { terminated: 200 }, short: { terminated: 15 } },
  run: ({ lab, random, size }) =>
    lab.withService({ workers: 2 }, async (service) => {
      const chains = await prepareChains(lab, service, random, { links: 6, filesEach: 4, pauseMs: 60 });
      const tally = new Tally();
      const isOver = (): boolean => tally.total >= size.terminated;
      const load = Array.from({ length: LANES }, async () => {
        while (!isOver()) await chains.run(isOver);
      });
      const storm = async (): Promise<void> => {
        while (!isOver()) {
          await pause(random.between(50, 250));
          if (await terminateBackend(lab)) tally.add('backend terminated');
        }
      };
      await Promise.all([...load, storm()]);
      const stuck = await untilFinal(service, 60_000);
      const findings = await chains.judge();
      const { byStatus, notSucceeded } = await readEnds(service);
      const files = chains.countFiles();
      return {
        faults: tally.counts,
        figures: { files, ...byStatus },
        checks: [
          check('no step is half in', size.terminated, findings.partial),
          check('no file is out of order', size.terminated, findings.outOfOrder),
          check('no file is applied twice or missing', files, [...findings.twice, ...findings.missing]),
          check('target and ledger agree', files, findings.ledger),
          check('every deployment ends, and well', chains.accepted.length, [
            ...stuck.map(({ id, status }) => `${id} is still ${status}`),
            ...notSucceeded,
          ]),
        ],
      };
    }),
});
