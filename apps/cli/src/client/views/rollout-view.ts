import { expectText, type Fields, numberIn, recordIn, recordsIn, textIn, textsIn } from './fields.ts';

export type Counts = Readonly<Record<string, number>>;

export interface WaveView {
  readonly number: number;
  readonly total: number;
  readonly counts: Counts;
  readonly selection: unknown;
}

export interface ClusterView {
  readonly code: string;
  readonly sqlstate: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly message: string;
  readonly hint: string;
  readonly count: number;
  readonly targets: readonly string[];
}

export interface PlanGroupView {
  readonly kind: string;
  readonly says: string;
  readonly files: readonly string[];
  readonly targets: readonly string[];
  readonly count: number;
}

export interface WaitingView {
  readonly waitingFor: Fields;
  readonly count: number;
  readonly targets: readonly string[];
}

/** A rollout as the service shows it; what a person only looks at is empty where it is missing. */
export interface RolloutView {
  readonly id: string;
  readonly mode: string;
  readonly status: string;
  readonly bundle: string;
  readonly dryRun: boolean;
  readonly targets: number;
  readonly counts: Counts;
  readonly waves: readonly WaveView[];
  readonly openWave: number;
  readonly failures: number;
  readonly failureBudget: number;
  readonly waitingFor: Fields | null;
  readonly reason: Fields | null;
  readonly pace: Fields | null;
  readonly failed: readonly ClusterView[];
  readonly waiting: readonly WaitingView[];
  readonly plan: readonly PlanGroupView[] | null;
  readonly bundles: readonly Fields[];
  readonly createdAt: string;
  readonly createdBy: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

/** Nothing more happens by itself, and a person is not expected to let it go on as a part of it. */
export function hasEnded({ status }: Pick<RolloutView, 'status'>): boolean {
  return ['stopped', 'cancelled', 'succeeded', 'failed'].includes(status);
}

/** How many of some targets have ended, in whatever way. */
export function endedOf(counts: Counts, total: number): number {
  return total - (counts['pending'] ?? 0) - (counts['started'] ?? 0);
}

/** @throws ServiceError service_answer, without the fields that nothing can be told without */
export function readRolloutView(fields: Fields): RolloutView {
  return {
    id: expectText(fields, 'id'),
    mode: expectText(fields, 'mode'),
    status: expectText(fields, 'status'),
    bundle: textIn(fields, 'bundle') ?? '',
    dryRun: fields['dryRun'] === true,
    targets: numberIn(fields, 'targets') ?? 0,
    counts: readCounts(recordIn(fields, 'counts')),
    waves: recordsIn(fields, 'waves').map((wave) => ({
      number: numberIn(wave, 'number') ?? 0,
      total: numberIn(wave, 'total') ?? 0,
      counts: readCounts(recordIn(wave, 'counts')),
      selection: wave['selection'],
    })),
    openWave: numberIn(fields, 'wave') ?? 1,
    failures: numberIn(fields, 'failures') ?? 0,
    failureBudget: numberIn(fields, 'failureBudget') ?? 0,
    waitingFor: recordIn(fields, 'waitingFor'),
    reason: recordIn(fields, 'reason'),
    pace: recordIn(fields, 'pace'),
    failed: recordsIn(fields, 'failed').map(readCluster),
    waiting: recordsIn(fields, 'waiting').map((group) => ({
      waitingFor: recordIn(group, 'waitingFor') ?? {},
      count: numberIn(group, 'count') ?? 0,
      targets: textsIn(group, 'targets'),
    })),
    plan: Array.isArray(fields['plan']) ? recordsIn(fields, 'plan').map(readPlanGroup) : null,
    bundles: recordsIn(fields, 'bundles'),
    createdAt: textIn(fields, 'createdAt') ?? '',
    createdBy: textIn(fields, 'createdBy') ?? '',
    startedAt: textIn(fields, 'startedAt'),
    finishedAt: textIn(fields, 'finishedAt'),
  };
}

function readCounts(fields: Fields | null): Counts {
  return Object.fromEntries(Object.entries(fields ?? {}).filter(([, count]) => typeof count === 'number')) as Counts;
}

function readCluster(fields: Fields): ClusterView {
  return {
    code: textIn(fields, 'code') ?? 'failed',
    sqlstate: textIn(fields, 'sqlstate'),
    file: textIn(fields, 'file'),
    line: numberIn(fields, 'line'),
    message: textIn(fields, 'message') ?? '',
    hint: textIn(fields, 'hint') ?? '',
    count: numberIn(fields, 'count') ?? 0,
    targets: textsIn(fields, 'targets'),
  };
}

function readPlanGroup(fields: Fields): PlanGroupView {
  return {
    kind: textIn(fields, 'kind') ?? '',
    says: textIn(fields, 'says') ?? '',
    files: textsIn(fields, 'files'),
    targets: textsIn(fields, 'targets'),
    count: numberIn(fields, 'count') ?? 0,
  };
}
