import { check, experiment } from '../experiment.ts';
import { prepareChains } from '../harness/chains.ts';
import { WORKER_MOMENTS } from '../harness/failpoints.ts';
import type { Verdict } from '../harness/proxy.ts';
import type { Service } from '../harness/service.ts';
import type { Slot } from '../harness/slot.ts';
import { readEnds, Tally, untilFinal } from '../harness/storm.ts';
import { pause } from '../harness/wait.ts';
import type { Random } from '../random.ts';

const AGREE_WITHIN_MS = 10_000;
const LANES = 10;
const MOMENT = WORKER_MOMENTS['between the target’s commit and the control write'];

/** The database succeeded, the status was lost: history and ledger agree soon all the same. */
export const history = experiment({
  invariants: [3],
  name: 'history',
  does: 'workers are killed between the commit in the target and the write in the control database',
  sizes: { long: { kills: 200 }, short: { kills: 8 } },
  run: ({ lab, random, size }) =>
    lab.withService({ workers: 5, concurrency: 1 }, async (service) => {
      const chains = await prepareChains(lab, service, random, { links: 10, filesEach: 2, pauseMs: 5 });
      const tally = new Tally();
      const killedAt = new Map<string, number>();
      const isOver = (): boolean => killedAt.size >= size.kills;
      const watch = watchEnds(service, killedAt, isOver);
      const load = Array.from({ length: LANES }, async () => {
        while (!isOver()) await chains.run(isOver);
      });
      const storm = service.workers.map((worker) => killAtMoment(worker, random, tally, killedAt, isOver));
      await Promise.all([...load, ...storm]);
      const stuck = await untilFinal(service, 30_000);
      const settledMs = await watch;
      const findings = await chains.judge();
      const { byStatus, notSucceeded } = await readEnds(service);
      const disagreeing = await compareHistory(service, chains.accepted.length);
      const late: string[] = [];
      for (const id of killedAt.keys()) {
        const ms = settledMs.get(id) ?? Infinity;
        if (ms > AGREE_WITHIN_MS) late.push(`${Math.round(ms)} ms: ${await tellStory(service, id)}`);
      }
      const waits = [...settledMs.values()].sort((a, b) => a - b);
      return {
        faults: tally.counts,
        figures: {
          'median ms to agreement': Math.round(waits[Math.floor(waits.length / 2)] ?? 0),
          'longest ms to agreement': Math.round(waits.at(-1) ?? 0),
          ...byStatus,
        },
        checks: [
          check('history says within 10 s what the ledger says', killedAt.size, late),
          check(
            'no deployment is left',
            chains.accepted.length,
            stuck.map(({ id }) => id),
          ),
          check('all succeed, as their files did', chains.accepted.length, notSucceeded),
          check('every step of the history is in the ledger as applied', chains.countFiles(), disagreeing),
          check('no file is applied twice, missing or out of order', chains.countFiles(), [
            ...findings.twice,
            ...findings.missing,
            ...findings.outOfOrder,
          ]),
          check('target and ledger agree', chains.countFiles(), findings.ledger),
        ],
      };
    }),
});

/** Each deployment is struck once, and by no kill meant for another: how soon it is settled is counted from then. */
async function killAtMoment(
  worker: Slot,
  random: Random,
  tally: Tally,
  killedAt: Map<string, number>,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const isHit = { now: false };
    const arm = (): void => {
      worker.control.arm(MOMENT, ({ deploymentId }) => {
        if (deploymentId === null || killedAt.has(deploymentId) || isOver()) {
          if (!isOver()) arm();
          return 'pass';
        }
        killedAt.set(deploymentId, performance.now());
        isHit.now = true;
        worker.kill();
        return random.pick<Verdict>(['none', 'none', 'half', 'pass']);
      });
    };
    arm();
    while (!isHit.now && !isOver()) await pause(10);
    worker.control.disarm();
    if (!isHit.now) return;
    tally.add('worker killed before its control write');
    await worker.replace();
  }
}

/** @returns by deployment, how many ms after its kill it was final in the control database */
async function watchEnds(
  { control }: Service,
  killedAt: ReadonlyMap<string, number>,
  isOver: () => boolean,
): Promise<Map<string, number>> {
  const settled = new Map<string, number>();
  let overSince = Infinity;
  for (;;) {
    const open = [...killedAt.keys()].filter((id) => !settled.has(id));
    if (isOver()) overSince = Math.min(overSince, performance.now());
    if (isOver() && (open.length === 0 || performance.now() - overSince > 30_000)) return settled;
    const rows = await control.query<{ id: string }>(
      `SELECT id FROM control_plane.deployments WHERE id = ANY ($1::uuid[])
         AND status IN ('succeeded', 'failed', 'cancelled', 'needs_attention')`,
      [open],
    );
    for (const { id } of rows) settled.set(id, performance.now() - (killedAt.get(id) ?? 0));
    await pause(25);
  }
}

/** What happened to it, in ms since it was made. */
async function tellStory({ control }: Service, id: string): Promise<string> {
  const [row] = await control.query<{ story: string }>(
    `SELECT string_agg(type || ' ' || round(extract(epoch FROM e.at - d.created_at) * 1000), ', ' ORDER BY number) AS story
     FROM control_plane.events e JOIN control_plane.deployments d ON d.id = e.deployment_id WHERE d.id = $1`,
    [id],
  );
  return `${id}: ${row?.story ?? ''}`;
}

/** Steps of finished deployments that the history does not call applied. */
async function compareHistory({ control }: Service, accepted: number): Promise<string[]> {
  const rows = await control.query<{ id: string; path: string; status: string }>(
    `SELECT d.id, s.path, s.status FROM control_plane.deployments d JOIN control_plane.steps s ON s.deployment_id = d.id
     WHERE d.status = 'succeeded' AND s.status <> 'applied'`,
  );
  const [count] = await control.query<{ count: number }>(
    `SELECT count(DISTINCT deployment_id)::int AS count FROM control_plane.steps`,
  );
  const silent = (count?.count ?? 0) < accepted / 2 ? ['most deployments have no steps in the history'] : [];
  return [...silent, ...rows.map(({ id, path, status }) => `${id}: ${path} is ${status}`)];
}
