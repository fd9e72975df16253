import { check, type Outcome } from '../experiment.ts';
import type { CountedFile } from '../harness/counted-files.ts';
import type { FleetFindings } from '../harness/fleet.ts';
import type { RolloutFindings } from '../harness/judge-rollout.ts';
import type { ActivityFindings, Limits, StartFindings } from '../harness/rollout-watch.ts';
import type { Tally } from '../harness/storm.ts';

/** How large the experiment is. */
export interface Size extends Limits {
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
  /** Where all of it takes longer, a rollout is stuck. */
  readonly withinMs: number;
}

/** What is brought to the databases. */
export interface Files {
  /** Of the first rollout; the second of them is the one that some targets stumble over. */
  readonly first: readonly CountedFile[];
  /** What the second brings besides: the last of them with its mistake, and mended. */
  readonly good: CountedFile;
  readonly bad: CountedFile;
  readonly mended: CountedFile;
}

/** A rollout that has ended, and what was recorded of it. */
export interface Judged {
  readonly rollout: RolloutFindings;
  readonly starts: StartFindings;
}

/** One that had to stop on its way. */
export interface Stopped extends Judged {
  readonly wrongStop: string[];
  readonly startedBeforeStop: number;
}

/** Everything that was seen. */
export interface Seen {
  readonly size: Size;
  readonly files: Files;
  readonly tally: Tally;
  readonly deaths: readonly string[];
  readonly first: Judged;
  readonly second: Stopped;
  readonly activity: ActivityFindings;
  readonly findings: FleetFindings;
  readonly healthy: number;
}

/** Judges from all that was seen. */
export function judgeAll(seen: Seen): Outcome {
  const { size, files, tally, deaths, first, second, activity, findings, healthy } = seen;
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
      'of these left to a person': first.rollout.targets.filter(({ state }) => state === 'needs_attention').length,
      'lost a worker or connection in the middle': both.reduce((sum, one) => sum + one.rollout.struck.size, 0),
      'in the second rollout': healthy,
      'of these started before the stop': second.startedBeforeStop,
      'tried again with the mended bundle': retried,
      'most under way at a time': `${Math.max(activity.most, ...both.map((one) => one.starts.most))} of ${size.maxParallel}`,
      'most on one server': `${Math.max(activity.mostOnServer, ...both.map((one) => one.starts.mostOnServer))} of ${size.maxParallelPerServer}`,
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
      check('maxParallel is kept, by the control database and by the servers’ own word', starts + activity.looks, [
        ...ofStarts((one) => one.tooMany),
        ...activity.tooMany,
      ]),
      check('so is maxParallelPerServer', starts + activity.looks, [
        ...ofStarts((one) => one.tooManyOnServer),
        ...activity.tooManyOnServer,
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
