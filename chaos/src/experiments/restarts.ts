import { check, experiment } from '../experiment.ts';
import { prepareChains } from '../harness/chains.ts';
import { readEnds, Tally, untilFinal } from '../harness/storm.ts';
import { pause } from '../harness/wait.ts';

const LANES = 6;

/** As an upgrade does it: one process after the other, under load. */
export const restarts = experiment({
  invariants: [11],
  name: 'restarts',
  does: 'workers and APIs are stopped with SIGTERM and started anew, one after the other, under load',
  sizes: { long: { restarts: 30 }, short: { restarts: 6 } },
  run: ({ lab, random, size }) =>
    lab.withService({ workers: 2, apis: 2, graceSeconds: 1 }, async (service) => {
      const chains = await prepareChains(lab, service, random, { links: 8, filesEach: 3, pauseMs: 500 });
      const tally = new Tally();
      const badExits: string[] = [];
      const isOver = (): boolean => tally.total >= size.restarts;
      const load = Array.from({ length: LANES }, async () => {
        while (!isOver()) await chains.run(isOver);
      });
      const slots = [...service.workers, ...service.apis];
      const roll = async (): Promise<void> => {
        for (let i = 0; !isOver(); i++) {
          const slot = slots[i % slots.length];
          if (slot === undefined) return;
          await pause(random.between(300, 1000));
          const who = service.apis.includes(slot) ? 'API' : 'worker';
          const exit = await slot.stop();
          if (exit !== 0) badExits.push(`${who}: ${String(exit)}\n${slot.output().slice(-500)}`);
          await slot.start();
          tally.add(`${who} restarted`);
        }
      };
      await Promise.all([...load, roll()]);
      const stuck = await untilFinal(service, 60_000);
      const findings = await chains.judge();
      const { byStatus, notSucceeded } = await readEnds(service);
      const [handed] = await service.control.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM control_plane.events WHERE type = 'handed_back'`,
      );
      return {
        faults: tally.counts,
        figures: { 'handed to another worker in the middle': handed?.count ?? 0, ...byStatus },
        checks: [
          check('no deployment fails', chains.accepted.length, notSucceeded),
          check(
            'every deployment ends',
            chains.accepted.length,
            stuck.map(({ id, status }) => `${id} is ${status}`),
          ),
          check('every process ends by itself, with 0', size.restarts, badExits),
          check('no file is applied twice, missing, half in or out of order', chains.countFiles(), [
            ...findings.twice,
            ...findings.missing,
            ...findings.partial,
            ...findings.outOfOrder,
          ]),
        ],
      };
    }),
});
