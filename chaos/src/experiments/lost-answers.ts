import { check, experiment } from '../experiment.ts';
import { prepareChains } from '../harness/chains.ts';
import { WRITTEN_MOMENTS } from '../harness/failpoints.ts';
import type { Lab } from '../harness/lab.ts';
import type { Service } from '../harness/service.ts';
import type { Slot } from '../harness/slot.ts';
import { readEnds, Tally, terminateBackend, untilFinal } from '../harness/storm.ts';
import { seenWithin } from '../harness/wait.ts';
import type { Random } from '../random.ts';

const LANES = 8;
const WAIT_FOR_MOMENT_MS = 3000;

/** The control database has committed, and the connection breaks before the worker hears of it. */
export const lostAnswers = experiment({
  invariants: [3],
  name: 'lost-answers',
  does: 'connections to the control database are cut between its commit and the answer, so that workers write again what is written',
  sizes: { long: { cuts: 200 }, short: { cuts: 8 } },
  run: ({ lab, random, size }) =>
    lab.withService({ workers: 3 }, async (service) => {
      const chains = await prepareChains(lab, service, random, { links: 8, filesEach: 4, pauseMs: 150 });
      const tally = new Tally();
      const isOver = (): boolean => tally.total >= size.cuts;
      const load = Array.from({ length: LANES }, async () => {
        while (!isOver()) await chains.run(isOver);
      });
      const storm = service.workers.map(async (slot) => {
        while (!isOver()) await loseAnswer(lab, slot, random, tally);
      });
      await Promise.all([...load, ...storm]);
      const stuck = await untilFinal(service, 60_000);
      const findings = await chains.judge();
      const { byStatus, notSucceeded } = await readEnds(service);
      const history = await judgeHistory(service);
      const files = chains.countFiles();
      const accepted = chains.accepted.length;
      return {
        faults: tally.counts,
        figures: { 'events looked at': history.events, files, ...byStatus },
        checks: [
          check('no event is in the history twice', tally.total, history.twice),
          check('the numbers of each deployment’s events have no gap', accepted, history.gaps),
          check('each attempt begins once and each deployment ends once', accepted, history.uneven),
          check('each file is told of as applied once', files, history.untold),
          check('no file is applied twice, missing, half in or out of order', files, [
            ...findings.twice,
            ...findings.missing,
            ...findings.partial,
            ...findings.outOfOrder,
          ]),
          check('target and ledger agree', files, findings.ledger),
          check('every deployment ends, and well', accepted, [
            ...stuck.map(({ id, status }) => `${id} is still ${status}`),
            ...notSucceeded,
          ]),
        ],
      };
    }),
});

/** With the answer the whole connection is gone, at once or when somebody's patience is over. */
async function loseAnswer(lab: Lab, slot: Slot, random: Random, tally: Tally): Promise<void> {
  const name = random.pick(Object.keys(WRITTEN_MOMENTS) as (keyof typeof WRITTEN_MOMENTS)[]);
  const isSilent = random.chance(0.2);
  let isHit = false;
  slot.control.arm(WRITTEN_MOMENTS[name], () => {
    isHit = true;
    // What is cut takes the others of this worker along, as a network does.
    if (!isSilent) setImmediate(() => slot.controlLine.cut());
    return random.pick(['none', 'half'] as const);
  });
  const isOver = async (): Promise<boolean> => {
    // Runs are handed back when their backends are ended.
    if (!isHit && name === 'the hand-back is written') await terminateBackend(lab);
    return isHit;
  };
  await seenWithin(isOver, Boolean, WAIT_FOR_MOMENT_MS);
  slot.control.disarm();
  if (isHit) tally.add(`${isSilent ? 'no answer' : 'connection cut'} as ${name}`);
}

interface History {
  readonly events: number;
  readonly twice: string[];
  readonly gaps: string[];
  readonly uneven: string[];
  readonly untold: string[];
}

/** What the control database's own rows say. */
async function judgeHistory({ control }: Service): Promise<History> {
  const sentences = async (text: string): Promise<string[]> =>
    (await control.query<{ what: string }>(text)).map(({ what }) => what);
  const [count] = await control.query<{ n: number }>('SELECT count(*)::int AS n FROM control_plane.events');
  return {
    events: count?.n ?? 0,
    // The data of each event have their own moment, and most their own file.
    twice: await sentences(
      `SELECT format('%s: %s at %s is there %s times', deployment_id, type, at, count(*)) AS what
       FROM control_plane.events GROUP BY deployment_id, type, at, data HAVING count(*) > 1`,
    ),
    gaps: await sentences(
      `SELECT format('%s: %s events, the last is %s of %s', d.id, count(e), max(e.number), d.last_event) AS what
       FROM control_plane.deployments d JOIN control_plane.events e ON e.deployment_id = d.id
       GROUP BY d.id HAVING count(e) <> d.last_event OR max(e.number) <> d.last_event OR min(e.number) <> 1`,
    ),
    uneven: await sentences(
      `SELECT format('%s: started %s, finished %s, epoch %s', d.id, started, finished, d.epoch) AS what
       FROM control_plane.deployments d, LATERAL (
         SELECT count(*) FILTER (WHERE type = 'started') AS started, count(*) FILTER (WHERE type = 'finished') AS finished,
           count(DISTINCT data ->> 'attempt') FILTER (WHERE type = 'started') AS attempts
         FROM control_plane.events e WHERE e.deployment_id = d.id) e
       WHERE finished <> 1 OR attempts <> d.attempt`,
    ),
    untold: await sentences(
      `SELECT format('%s: %s is told of as applied %s times', deployment_id, path, told) AS what
       FROM control_plane.steps s, LATERAL (SELECT count(*) AS told FROM control_plane.events e
         WHERE e.deployment_id = s.deployment_id AND e.type = 'step_finished' AND e.data ->> 'path' = s.path) t
       WHERE told > 1 OR s.status <> 'applied'`,
    ),
  };
}
