import type { Answer } from '../api/client.ts';
import { counted } from '../ui/time-text.ts';

type PlanGroup = NonNullable<Answer<'getRollout'>['plan']>[number];
export type PlanFailure = PlanGroup['failure'];

/** A file that would be applied; how, where that is known. */
export interface PlanFile {
  readonly path: string;
  readonly transactional: boolean | null;
  readonly statementCount: number | null;
}

/** Targets of which a dry run found the same. */
export interface Found {
  readonly kind: PlanGroup['kind'];
  readonly says: string;
  readonly files: readonly PlanFile[];
  readonly failure: PlanFailure;
  readonly count: number;
  readonly targets: readonly string[];
}

/** What a dry run found, or has found so far. */
export interface Plan {
  readonly isDone: boolean;
  /** How many targets were looked at, of how many. */
  readonly seen: number;
  readonly targets: number;
  /** What was planned with: of the server's own folders a snapshot. */
  readonly bundle: string;
  readonly groups: readonly Found[];
  /** How many targets each wave has; null for a deployment. */
  readonly waves: readonly number[] | null;
  /** Why nothing moves; null when it does. */
  readonly waitingFor: string | null;
}

const FINAL = ['succeeded', 'failed', 'cancelled', 'needs_attention'];
const ENDED = [...FINAL, 'stopped'];
/** Codes of failures that tell of the way to a target, and nothing of what is there. */
const UNREACHABLE = ['unreachable', 'authentication_failed', 'database_missing', 'tls_failed', 'secret_unresolvable'];
/** Kinds of trouble for which a deployment would end without having done what it was to do. */
const TROUBLE: readonly Found['kind'][] = ['changed', 'refused', 'unreachable', 'failed'];

/** The plan in a dry run of one target. */
export function planOfDeployment(dryRun: Answer<'getDeployment'>): Plan {
  const { target, status, steps, failure, bundle, waitingFor } = dryRun;
  const isDone = FINAL.includes(status);
  const files = steps
    .filter((step) => step.status === 'planned')
    .map(({ path, transactional, statementCount }) => ({ path, transactional, statementCount }));
  const groups: Found[] = isDone ? [{ ...foundOn(dryRun, files), files, failure, count: 1, targets: [target] }] : [];
  const waiting = waitingFor === null ? null : waitText(waitingFor.kind);
  return { isDone, seen: isDone ? 1 : 0, targets: 1, bundle, groups, waves: null, waitingFor: waiting };
}

function foundOn(
  { target, status, failure }: Answer<'getDeployment'>,
  files: readonly PlanFile[],
): Pick<Found, 'kind' | 'says'> {
  if (status === 'cancelled')
    return { kind: 'failed', says: `${target} was not looked at: the dry run was cancelled.` };
  if (status !== 'succeeded') {
    const isAway = UNREACHABLE.includes(failure?.code ?? '');
    return isAway
      ? { kind: 'unreachable', says: `${target} can’t be reached.` }
      : { kind: 'refused', says: `${target} would refuse it.` };
  }
  return files.length === 0
    ? { kind: 'current', says: `${target} is up to date.` }
    : { kind: 'needs', says: `${target} needs ${counted(files.length, 'file')}.` };
}

/** The plan in a dry run of many. */
export function planOfRollout(dryRun: Answer<'getRollout'>): Plan {
  const { status, targets, counts, plan, bundle, waves, waitingFor, waiting } = dryRun;
  const isDone = ENDED.includes(status);
  const groups = (plan ?? []).map(({ files, ...group }) => ({
    ...group,
    files: files.map((path) => ({ path, transactional: null, statementCount: null })),
  }));
  const [first] = waiting;
  const kind = first?.waitingFor.kind ?? waitingFor?.kind ?? null;
  return {
    isDone,
    seen: targets - counts.pending - counts.started,
    targets,
    bundle,
    groups: isDone ? groups : groups.filter((group) => group.kind !== 'not_seen'),
    waves: waves.map(({ total }) => total),
    waitingFor: kind === null || kind === 'targets' || kind === 'room' || kind === 'wave' ? null : waitText(kind),
  };
}

function waitText(kind: string): string {
  const texts: Readonly<Record<string, string>> = {
    worker: 'Waits for a worker that has room.',
    predecessor: 'Waits for the deployment before it in the line of its target.',
    lock: 'Waits for somebody else who works on the target.',
    time: 'Waits to be tried again.',
    freeze: 'Waits: there is a freeze.',
  };
  return texts[kind] ?? `Waits for: ${kind}.`;
}

/** How many targets would get files, and how many would refuse or can't be reached. */
export function sumOf({ groups }: Plan): {
  readonly needy: number;
  readonly troubled: number;
  readonly refusing: number;
} {
  const sum = (fits: (group: Found) => boolean): number =>
    groups.filter(fits).reduce((total, { count }) => total + count, 0);
  return {
    needy: sum(({ files }) => files.length > 0),
    troubled: sum(({ kind }) => TROUBLE.includes(kind)),
    refusing: sum(({ kind }) => kind === 'changed' || kind === 'refused'),
  };
}
