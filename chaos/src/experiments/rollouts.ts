import { check, experiment, type Outcome } from '../experiment.ts';
import { type CountedFile, countedFiles, storeBundle } from '../harness/counted-files.ts';
import { type End, FLAWED_SQL } from '../harness/flaws.ts';
import { type FleetFindings, type FleetTarget, judgeFleet, openFleet } from '../harness/fleet.ts';
import { judgeRollout, type RolloutFindings } from '../harness/judge-rollout.ts';
import { breakEverything, type MixedStorm } from '../harness/mixed-storm.ts';
import { postRollout, untilAtRest } from '../harness/roll-out.ts';
import {
  type ActivityFindings,
  type ActivityWatch,
  judgeStarts,
  type Limits,
  type StartFindings,
  watchActivity,
  watchRollouts,
} from '../harness/rollout-watch.ts';
import { Tally } from '../harness/storm.ts';
import { pause } from '../harness/wait.ts';
import type { Random } from '../random.ts';

interface Size extends Limits {
  readonly targets: number;
  /** Of them, made to fail. */
  readonly flawed: number;
  /** Of those with nothing wrong: so many are in the rollout that has to stop. */
  readonly stopping: number;
  /** Of that rollout. */
  readonly budget: number;
  /** It is watched for so long while it is stopped, and things go on being broken. */
  readonly stoppedMs: number;
  /** Between two faults, about. */
  readonly pauseMs: number;
  /** A rollout that takes longer is stuck. */
  readonly withinMs: number;
}

interface Storm extends MixedStorm {
  readonly size: Size;
  readonly files: Files;
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
  withinMs: 600_000,
};
const SHORT: Size = {
  targets: 20,
  flawed: 5,
  stopping: 10,
  budget: 2,
  maxParallel: 5,
  maxParallelPerServer: 3,
  stoppedMs: 1000,
  pauseMs: 500,
  withinMs: 40_000,
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
          const storm: Storm = { service, random, tally, deaths: [], size, files: filesOf(random), ...broken };
          const healthy = fleet.targets.filter(({ flaw }) => flaw === null).slice(0, size.stopping);
          const activity = watchActivity(fleet.clusters, size);
          const first = await rollOut(storm, fleet.targets);
          say(`the first has ended: ${first.rollout.status}`);
          const second = await stopAndMend(storm, healthy, activity);
          say(`the second was stopped, went on and has ended: ${second.rollout.status}`);
          const seen = await activity.stop();
          const findings = await judgeFleet(fleet.targets, filesToBe(storm.files, fleet.targets, healthy));
          return toOutcome({ storm, first, second, seen, findings, healthy: healthy.length });
        },
      );
    } finally {
      await fleet.close();
    }
  },
});

interface Files {
  /** Of the first rollout; the second of them is the one that some targets stumble over. */
  readonly first: readonly CountedFile[];
  /** What the second brings besides: the last of them with its mistake, and mended. */
  readonly good: CountedFile;
  readonly bad: CountedFile;
  readonly mended: CountedFile;
}

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

interface Judged {
  readonly rollout: RolloutFindings;
  readonly starts: StartFindings;
}

async function rollOut(storm: Storm, targets: readonly FleetTarget[]): Promise<Judged> {
  const { service, size, files } = storm;
  const bundle = await storeBundle(service, files.first);
  const id = await postRollout(service, { ...size, ...namesOf(targets), bundle, budget: size.flawed });
  await whileBroken(storm, () => untilAtRest(service, id, size.withinMs));
  const ends = new Map(
    targets.map(({ name, flaw }): [string, readonly End[]] => [
      name,
      flaw === null
        ? [SUCCEEDED]
        : [{ state: 'failed', code: flaw.code, sqlstate: flaw.sqlstate }, ...(flaw.whenStruck ?? [])],
    ]),
  );
  return { rollout: await judgeRollout(service, id, ends), starts: await judgeStarts(service, id, size) };
}

const SUCCEEDED: End = { state: 'succeeded', code: null, sqlstate: null };

interface Stopped extends Judged {
  readonly wrongStop: string[];
  readonly startedBeforeStop: number;
}

/** Every target fails at the last file: so it has to stop once the budget is passed, and go on when that is mended. */
async function stopAndMend(storm: Storm, targets: readonly FleetTarget[], activity: ActivityWatch): Promise<Stopped> {
  const { service, size, files } = storm;
  const bad = await storeBundle(service, [...files.first, files.good, files.bad]);
  const mended = await storeBundle(service, [...files.first, files.good, files.mended]);
  const id = await postRollout(service, { ...size, ...namesOf(targets), bundle: bad });
  const wrongStop: string[] = [];
  let startedBeforeStop = 0;
  await whileBroken(storm, async () => {
    const status = await untilAtRest(service, id, size.withinMs);
    if (status !== 'stopped') wrongStop.push(`it is ${status}, and should be stopped`);
    for (const at of ['when it is stopped', 'later']) {
      const busy = await activity.atWork();
      if (busy.length > 0) wrongStop.push(`${at} there is work in ${busy.join(', ')}`);
      if (at !== 'later') await pause(size.stoppedMs);
    }
    startedBeforeStop = await countDeployments(storm, id);
    const most = size.budget + size.maxParallel;
    if (startedBeforeStop > most) wrongStop.push(`${startedBeforeStop} were started; budget and maxParallel: ${most}`);
    await service.http.insist('POST', `/v1/rollouts/${id}/resume`, { bundle: mended });
    await untilAtRest(service, id, size.withinMs);
  });
  const rollout = await judgeRollout(service, id, new Map(targets.map(({ name }) => [name, [SUCCEEDED]])));
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
  try {
    // A storm that breaks off ends the experiment.
    await Promise.race([work(), breaking.then(() => new Promise(() => undefined))]);
  } finally {
    isOver = true;
    await breaking;
  }
}

interface All {
  readonly storm: Storm;
  readonly first: Judged;
  readonly second: Stopped;
  readonly seen: ActivityFindings;
  readonly findings: FleetFindings;
  readonly healthy: number;
}

function toOutcome({ storm: { tally, deaths, size, files }, first, second, seen, findings, healthy }: All): Outcome {
  const both = [first, second];
  const ended = size.targets + healthy;
  const applied = (size.targets - size.flawed) * files.first.length + healthy * 2;
  const starts = both.reduce((sum, one) => sum + one.starts.looks, 0);
  const ofStarts = (pick: (starts: StartFindings) => string[]): string[] => both.flatMap((one) => pick(one.starts));
  const ofRollouts = (pick: (rollout: RolloutFindings) => string[]): string[] =>
    both.flatMap((one) => pick(one.rollout));
  const retried = both.flatMap((one) => one.rollout.targets).filter(({ tries }) => tries > 1).length;
  return {
    faults: tally.counts,
    figures: {
      faults: tally.total,
      targets: size.targets,
      'made to fail': size.flawed,
      'in the second rollout': healthy,
      'of these started before the stop': second.startedBeforeStop,
      'tried again with the mended bundle': retried,
      'most under way at a time': `${Math.max(seen.most, ...both.map((one) => one.starts.most))} of ${size.maxParallel}`,
      'most on one server': `${Math.max(seen.mostOnServer, ...both.map((one) => one.starts.mostOnServer))} of ${size.maxParallelPerServer}`,
    },
    checks: [
      check('every target ends as it has to, those made to fail with their own code', ended, [
        ...ofRollouts((one) => one.wrongEnd),
      ]),
      check('no file is applied twice', applied, findings.twice),
      check('no file is missing, half in or out of order', applied, [
        ...findings.missing,
        ...findings.partial,
        ...findings.outOfOrder,
      ]),
      check('where a file fails, nothing after it is applied', size.targets, findings.tooMany),
      check('target and ledger agree', size.targets, findings.ledger),
      check('no two executors in one target at a time', size.targets, findings.overlaps),
      check(
        'nothing is left over',
        ended,
        ofRollouts((one) => one.leftOver),
      ),
      check('status and counts are those of the targets', 2, [
        ...wrongStatus('failed', first.rollout),
        ...wrongStatus('succeeded', second.rollout),
        ...ofRollouts((one) => one.counts),
      ]),
      check(
        'events tell each start and each end once',
        2 * ended,
        ofRollouts((one) => one.events),
      ),
      check('maxParallel is kept, by the control database and by the servers’ own word', starts + seen.looks, [
        ...ofStarts((one) => one.tooMany),
        ...seen.tooMany,
      ]),
      check('so is maxParallelPerServer', starts + seen.looks, [
        ...ofStarts((one) => one.tooManyOnServer),
        ...seen.tooManyOnServer,
      ]),
      check('no wave begins before the one before it is done', starts, [
        ...ofStarts((one) => one.tooEarly),
        ...findEarlyMarks(first.rollout, files, findings),
      ]),
      check('no process ends that was not killed', tally.total, deaths),
      check('nothing starts while it is stopped, and nothing runs when it is called so', starts, [
        ...ofStarts((one) => [...one.whileStopped, ...one.notAtRest]),
        ...second.wrongStop,
      ]),
    ],
  };
}

function wrongStatus(wanted: string, { status }: RolloutFindings): string[] {
  return status === wanted ? [] : [`it is ${status}, and should be ${wanted}`];
}

/** By the targets’ own word: marks of a wave that are older than some of the wave before. */
function findEarlyMarks({ targets }: RolloutFindings, { first }: Files, { marks }: FleetFindings): string[] {
  const labels = new Set(first.map(({ label }) => label));
  const waveOf = new Map(targets.map(({ target, wave }) => [target, wave]));
  const lastOfWave = new Map<number, number>();
  const own = marks.filter(({ file }) => labels.has(file));
  for (const { target, last } of own) {
    const wave = waveOf.get(target) ?? 0;
    lastOfWave.set(wave, Math.max(last, lastOfWave.get(wave) ?? 0));
  }
  return own
    .filter(({ target, first: at }) => at < (lastOfWave.get((waveOf.get(target) ?? 0) - 1) ?? 0))
    .map(({ target, file }) => `${target}: ${file} ran before the end of the wave before`);
}
