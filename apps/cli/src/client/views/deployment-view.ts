import type { Attempt, Deployment, DeploymentDetail, DeploymentStatus, Step } from '@postgres-manager/control-plane';
import type { Mode, Status, StepEvidence } from '@postgres-manager/sql-deploy';
import type { Stop } from '../../stop.ts';
import { expectText, type Fields, numberIn, recordIn, recordsIn, textIn, textsIn } from './fields.ts';

/**
 * A deployment as the service shows it. Fields that a person only looks at are null where they are missing, so that
 * an older or newer service stays readable.
 */
export interface DeploymentView
  extends Pick<
    Deployment,
    | 'id'
    | 'target'
    | 'bundle'
    | 'dryRun'
    | 'createdAt'
    | 'createdBy'
    | 'startedAt'
    | 'finishedAt'
    | 'notBefore'
    | 'retryOf'
    | 'resolution'
    | 'approval'
  > {
  readonly mode: Mode;
  readonly status: DeploymentStatus;
  readonly waitingFor: Fields | null;
  readonly cancelRequestedBy: string | null;
  readonly failure: Stop | null;
  readonly summary: SummaryView | null;
  readonly attempts: readonly AttemptView[];
  readonly steps: readonly StepView[];
}

export interface SummaryView {
  readonly result: Status;
  readonly applied: readonly string[];
  readonly skipped: number;
  readonly baselined: number;
  readonly adopted: number;
  readonly notStarted: readonly string[];
  readonly failures: readonly Stop[];
}

export interface AttemptView extends Pick<Attempt, 'number' | 'worker' | 'startedAt' | 'finishedAt'> {
  readonly outcome: string | null;
  readonly failure: Stop | null;
}

export interface StepView extends Pick<Step, 'path' | 'sha256' | 'transactional' | 'statementCount' | 'durationMs'> {
  readonly status: string;
}

/** Nothing follows on these. */
export function isFinalStatus(status: DeploymentDetail['status']): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled' || status === 'needs_attention';
}

/** @throws ServiceError service_answer, without the fields that nothing can be told without */
export function readDeployment(fields: Fields): DeploymentView {
  return {
    id: expectText(fields, 'id'),
    target: expectText(fields, 'target'),
    mode: expectText(fields, 'mode') as Mode,
    status: expectText(fields, 'status') as DeploymentStatus,
    bundle: textIn(fields, 'bundle') ?? '',
    dryRun: fields['dryRun'] === true,
    notBefore: textIn(fields, 'notBefore'),
    waitingFor: recordIn(fields, 'waitingFor'),
    createdAt: textIn(fields, 'createdAt') ?? '',
    createdBy: textIn(fields, 'createdBy') ?? '',
    startedAt: textIn(fields, 'startedAt'),
    finishedAt: textIn(fields, 'finishedAt'),
    cancelRequestedBy: textIn(fields, 'cancelRequestedBy'),
    retryOf: textIn(fields, 'retryOf'),
    resolution: readResolution(recordIn(fields, 'resolution')),
    approval: readApproval(recordIn(fields, 'approval')),
    failure: readFailure(recordIn(fields, 'failure')),
    summary: readSummary(recordIn(fields, 'summary')),
    attempts: recordsIn(fields, 'attempts').map(readAttempt),
    steps: recordsIn(fields, 'steps').map(readStep),
  };
}

function readResolution(fields: Fields | null): DeploymentView['resolution'] {
  const file = fields === null ? null : textIn(fields, 'file');
  if (fields === null || file === null) return null;
  return { file, outcome: textIn(fields, 'outcome') === 'applied' ? 'applied' : 'not-applied' };
}

function readApproval(fields: Fields | null): DeploymentView['approval'] {
  if (fields === null) return null;
  return { by: textIn(fields, 'by') ?? '?', at: textIn(fields, 'at') ?? '', plan: textIn(fields, 'plan') ?? '' };
}

function readSummary(fields: Fields | null): SummaryView | null {
  if (fields === null) return null;
  return {
    result: (textIn(fields, 'result') ?? 'failed') as Status,
    applied: textsIn(fields, 'applied'),
    skipped: numberIn(fields, 'skipped') ?? 0,
    baselined: numberIn(fields, 'baselined') ?? 0,
    adopted: numberIn(fields, 'adopted') ?? 0,
    notStarted: textsIn(fields, 'notStarted'),
    failures: recordsIn(fields, 'failures').flatMap((failure) => readFailure(failure) ?? []),
  };
}

/** A failure of a deployment, an attempt or a step. */
export function readFailure(fields: Fields | null): Stop | null {
  if (fields === null) return null;
  const evidence = readEvidence(recordIn(fields, 'evidence'));
  return {
    file: textIn(fields, 'file'),
    line: numberIn(fields, 'line'),
    column: numberIn(fields, 'column'),
    sourceLine: textIn(fields, 'sourceLine'),
    sqlstate: textIn(fields, 'sqlstate'),
    code: textIn(fields, 'code') ?? 'failed',
    message: textIn(fields, 'message') ?? 'The service does not say why.',
    hint: textIn(fields, 'hint') ?? '',
    ...(evidence === null ? {} : { evidence }),
  };
}

function readEvidence(fields: Fields | null): StepEvidence | null {
  const path = fields === null ? null : textIn(fields, 'path');
  if (fields === null || path === null) return null;
  return {
    path,
    sha256: textIn(fields, 'sha256') ?? '',
    startedAt: textIn(fields, 'startedAt') ?? '',
    statementsDone: numberIn(fields, 'statementsDone') ?? 0,
    statementCount: numberIn(fields, 'statementCount'),
    statementRunning: numberIn(fields, 'statementRunning'),
    unknown: textIn(fields, 'unknown'),
  };
}

function readAttempt(fields: Fields): AttemptView {
  return {
    number: numberIn(fields, 'number') ?? 0,
    worker: textIn(fields, 'worker') ?? '',
    startedAt: textIn(fields, 'startedAt') ?? '',
    finishedAt: textIn(fields, 'finishedAt'),
    outcome: textIn(fields, 'outcome'),
    failure: readFailure(recordIn(fields, 'failure')),
  };
}

function readStep(fields: Fields): StepView {
  return {
    path: textIn(fields, 'path') ?? '',
    sha256: textIn(fields, 'sha256') ?? '',
    transactional: fields['transactional'] !== false,
    statementCount: numberIn(fields, 'statementCount') ?? 0,
    durationMs: numberIn(fields, 'durationMs'),
    status: textIn(fields, 'status') ?? '',
  };
}
