import { experiment } from '../experiment.ts';
import { type CountedFile, countedFiles, storeBundle } from '../harness/counted-files.ts';
import { expectedEnd, FLAWED_SQL } from '../harness/flaws.ts';
import { type FleetTarget, judgeFleet, openFleet } from '../harness/fleet.ts';
import { judgeRollout } from '../harness/judge-rollout.ts';
import { breakEverything, type MixedStorm } from '../harness/mixed-storm.ts';
import { postRollout, untilAtRest } from '../harness/roll-out.ts';
import { type ActivityWatch, judgeStarts, watchActivity, watchRollouts } from '../harness/rollout-watch.ts';
import { Tally } from '../harness/storm.ts';
import { pause } from '../harness/wait.ts';
import type { Random } from '../random.ts';
import { type Files, type Judged, judgeAll, type Size, type Stopped } from './rollouts-judged.ts';

interface Storm extends MixedStorm {
  readonly size: Size;
  readonly files: Files;
  /** By the clock of `performance`. */
  readonly deadline: number;
}

const LONG: Size = {
  targets: 1000,
  flawed: 20,
  stopping: 200,
  budget: 12,
  maxParallel: 20,
  maxParallelPerServer: 12,
  stoppedMs: 5000,
  pauseMs: 900,
  withinMs: 900_000,
};
const SHORT: Size = {
  targets: 16,
  flawed: 4,
  stopping: 8,
  budget: 2,
  maxParallel: 5,
  maxParallelPerServer: 3,
  stoppedMs: 1000,
  pauseMs: 500,
  withinMs: 55_000,
};

const WAVES = [{ percent: 5 }, { percent: 25 }, 'rest'] as const;

/** Many targets, some of which have to fail, while everything is broken: right to the last, and within its limits. */
export const rollouts = experiment({
  invariants: [16],
  name: 'rollouts',
  does:
    'databases on two servers are rolled out in three waves, some made to fail in seven ways, while processes and servers ' +
    'are broken; then a rollout that has to stop, and goes on with a mended bundle',
  sizes: { long: LONG, short: SHORT },
  run: async ({ lab, random, size, say }) => {
    const fleet = await openFleet(size.targets, size.flawed);
    try {
      return await lab.withService(
        { workers: 4, apis: 2, concurrency: 6, maxTries: 8, timing: { firstRetryMs: 50 } },
        async (service) => {
          await watchRollouts(service);
          await fleet.register(service);
          say(`${size.targets} databases are there and registered`);
          const tally = new Tally();
          const broken = { controlCluster: lab.controlCluster, targetClusters: fleet.clusters, pauseMs: size.pauseMs };
          const deadline = performance.now() + size.withinMs;
          const storm: Storm = {
            service,
            random,
            tally,
            deaths: [],
            size,
            deadline,
            files: filesOf(random),
            ...broken,
          };
          const healthy = fleet.targets.filter(({ flaw }) => flaw === null).slice(0, size.stopping);
          const watch = watchActivity(fleet.clusters, size);
          const first = await rollOut(storm, fleet.targets);
          say(`the first has ended: ${first.rollout.status}`);
          const second = await stopAndMend(storm, healthy, watch);
          say(`the second was stopped, went on and has ended: ${second.rollout.status}`);
          const activity = await watch.stop();
          const findings = await judgeFleet(fleet.targets, filesToBe(storm.files, fleet.targets, healthy));
          return judgeAll({ ...storm, first, second, activity, findings, healthy: healthy.length });
        },
      );
    } finally {
      await fleet.close();
    }
  },
});

function filesOf(random: Random): Files {
  const [one, two, three, good, mended] = countedFiles(random, 5, 60) as [
    CountedFile,
    CountedFile,
    CountedFile,
    CountedFile,
    CountedFile,
  ];
  const flawed = { ...two, parts: 1, sql: `${FLAWED_SQL}\n${markOf(two)}` };
  const bad = { ...mended, parts: 1, sql: `${markOf(mended)}\nselect nothing_of_this_name from chaos.base;` };
  return { first: [one, flawed, three], good, bad, mended };
}

function markOf({ label }: CountedFile): string {
  return `insert into chaos.marks (file) values ('${label}');`;
}

/** Which files each target is to have in the end. */
function filesToBe(
  { first, good, mended }: Files,
  targets: readonly FleetTarget[],
  healthy: readonly FleetTarget[],
): Map<string, readonly CountedFile[]> {
  const inSecond = new Set(healthy.map(({ name }) => name));
  return new Map(
    targets.map(({ name, flaw }) => {
      if (flaw !== null) return [name, first.slice(0, flaw.applied)];
      return [name, inSecond.has(name) ? [...first, good, mended] : first];
    }),
  );
}

async function rollOut(storm: Storm, targets: readonly FleetTarget[]): Promise<Judged> {
  const { service, size, files } = storm;
  const bundle = await storeBundle(service, files.first);
  const id = await postRollout(service, { ...size, ...namesOf(targets), bundle, budget: size.flawed });
  await whileBroken(storm, () => untilAtRest(service, id, storm.deadline));
  const ends = new Map(targets.map(({ name, flaw }) => [name, expectedEnd(flaw)]));
  return { rollout: await judgeRollout(service, id, ends), starts: await judgeStarts(service, id, size) };
}

/** Every target fails at the last file: so it has to stop once the budget is passed, and go on when that is mended. */
async function stopAndMend(storm: Storm, targets: readonly FleetTarget[], watch: ActivityWatch): Promise<Stopped> {
  const { service, size, files } = storm;
  const bad = await storeBundle(service, [...files.first, files.good, files.bad]);
  const mended = await storeBundle(service, [...files.first, files.good, files.mended]);
  const id = await postRollout(service, { ...size, ...namesOf(targets), bundle: bad });
  const wrongStop: string[] = [];
  let startedBeforeStop = 0;
  await whileBroken(storm, async () => {
    const status = await untilAtRest(service, id, storm.deadline);
    if (status !== 'stopped') {
      wrongStop.push(`it is ${status}, and should be stopped`);
      return;
    }
    for (const at of ['when it is stopped', 'later']) {
      const busy = await watch.atWork();
      if (busy.length > 0) wrongStop.push(`${at} there is work in ${busy.join(', ')}`);
      if (at !== 'later') await pause(size.stoppedMs);
    }
    startedBeforeStop = await countDeployments(storm, id);
    const most = size.budget + size.maxParallel;
    if (startedBeforeStop > most) wrongStop.push(`${startedBeforeStop} were started; budget and maxParallel: ${most}`);
    await service.http.insist('POST', `/v1/rollouts/${id}/resume`, { bundle: mended });
    await untilAtRest(service, id, storm.deadline);
  });
  const rollout = await judgeRollout(service, id, new Map(targets.map(({ name }) => [name, expectedEnd(null)])));
  return { rollout, starts: await judgeStarts(service, id, size), wrongStop, startedBeforeStop };
}

function namesOf(targets: readonly FleetTarget[]): { targets: string[]; waves: typeof WAVES } {
  return { targets: targets.map(({ name }) => name), waves: WAVES };
}

async function countDeployments({ service }: Storm, id: string): Promise<number> {
  const [row] = await service.control.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM control_plane.deployments WHERE rollout_id = $1',
    [id],
  );
  return row?.count ?? 0;
}

/** Breaks things until `work` is done, and mends them. */
async function whileBroken(storm: Storm, work: () => Promise<unknown>): Promise<void> {
  let isOver = false;
  const breaking = breakEverything(storm, () => isOver);
  const working = work();
  working.catch(() => undefined);
  try {
    // A storm that breaks off ends the experiment.
    await Promise.race([working, breaking.then(() => new Promise(() => undefined))]);
  } finally {
    isOver = true;
    await breaking;
  }
}
