import { check, experiment } from '../experiment.ts';
import { countedFiles, storeBundle } from '../harness/counted-files.ts';
import { judgeTarget, mergeFindings } from '../harness/judge-target.ts';
import type { Lab } from '../harness/lab.ts';
import type { Service } from '../harness/service.ts';
import { killSometime, readEnds, Tally, terminateBackend, untilFinal } from '../harness/storm.ts';
import type { Target } from '../harness/targets.ts';
import { forEachOf, pause } from '../harness/wait.ts';
import type { Random } from '../random.ts';

const FINAL_WITHIN_MS = 60_000;
const LINKS = 10;

interface Size {
  readonly deployments: number;
  readonly flushes: number;
  readonly otherFaults: number;
  /** The longest pause between two posts of one lane. */
  readonly paceMs: number;
}

/** What was answered 202 comes to an end, whatever of the service is lost. */
export const accepted = experiment<Size>({
  invariants: [2],
  name: 'accepted',
  does: 'deployments are accepted while Redis is emptied and killed, servers crash and processes die',
  sizes: {
    long: { deployments: 500, flushes: 20, otherFaults: 60, paceMs: 1500 },
    short: { deployments: 40, flushes: 3, otherFaults: 5, paceMs: 800 },
  },
  run: ({ lab, random, size }) =>
    lab.withService({ workers: 3, apis: 2 }, async (service) => {
      const tally = new Tally();
      const files = countedFiles(random, LINKS, 40);
      const bundles: string[] = [];
      for (let link = 1; link <= LINKS; link++) bundles.push(await storeBundle(service, files.slice(0, link)));
      const targets: Target[] = [];
      for (let i = 0; i < size.deployments / LINKS; i++) targets.push(await lab.targets.make(service));
      const ids: string[] = [];
      const load = forEachOf(targets, 4, async ({ name }) => {
        for (const bundle of bundles) {
          ids.push((await service.http.deploy({ target: name, mode: 'deployment', bundle })).id);
          await pause(random.between(0, size.paceMs));
        }
      });
      await breakThings(lab, service, random, tally, size);
      await load;
      const lastFaultAt = performance.now();
      const stuck = await untilFinal(service, FINAL_WITHIN_MS);
      const settledSeconds = Math.round((performance.now() - lastFaultAt) / 100) / 10;
      const known = await service.control.query<{ id: string }>('SELECT id FROM control_plane.deployments');
      const rows = new Set(known.map(({ id }) => id));
      const findings = mergeFindings(await Promise.all(targets.map((target) => judgeTarget(target, files))));
      const { byStatus, notSucceeded } = await readEnds(service);
      return {
        faults: tally.counts,
        figures: { accepted: ids.length, 'seconds to the last end': settledSeconds, ...byStatus },
        checks: [
          check(
            'no accepted deployment is lost',
            ids.length,
            ids.filter((id) => !rows.has(id)),
          ),
          check(
            'all are final within 60 s after the last fault',
            ids.length,
            stuck.map(({ id }) => id),
          ),
          check('all succeed', ids.length, notSucceeded),
          check(
            'no request is made two deployments of',
            ids.length,
            [...rows].filter((id) => !ids.includes(id)),
          ),
          check('no file is applied twice, missing or half in', targets.length * LINKS, [
            ...findings.twice,
            ...findings.missing,
            ...findings.partial,
          ]),
          check('target and ledger agree', targets.length * LINKS, findings.ledger),
        ],
      };
    }),
});

async function breakThings(lab: Lab, service: Service, random: Random, tally: Tally, size: Size): Promise<void> {
  const flushes = Array.from({ length: size.flushes }, () => 'flush' as const);
  const others = Array.from({ length: size.otherFaults }, () => 'other' as const);
  const plan = [...flushes, ...others].map((what) => ({ what, place: random.next() }));
  for (const { what } of plan.sort((a, b) => a.place - b.place)) {
    await pause(random.between(50, 400));
    if (what === 'flush') {
      await service.redis.flush();
      tally.add('Redis emptied');
    } else await breakSomething(lab, service, random, tally);
  }
}

async function breakSomething(lab: Lab, service: Service, random: Random, tally: Tally): Promise<void> {
  const chance = random.next();
  if (chance < 0.5) {
    const slot = random.pick(random.chance(0.7) ? service.workers : service.apis);
    await killSometime(slot, random, tally, service.apis.includes(slot) ? 'API' : 'worker');
    await slot.replace();
  } else if (chance < 0.65) {
    const empty = random.chance(0.5);
    await service.redis.kill();
    await pause(random.between(0, 1000));
    await service.redis.start({ empty });
    tally.add(empty ? 'Redis killed, its data lost' : 'Redis killed');
  } else if (chance < 0.85) {
    const isControl = random.chance(0.5);
    const cluster = isControl ? lab.controlCluster : lab.targetCluster;
    await cluster.crash();
    await pause(random.between(0, 500));
    await cluster.start();
    tally.add(isControl ? 'control database crashed' : 'target server crashed');
  } else if (await terminateBackend(lab)) tally.add('backend terminated');
}
