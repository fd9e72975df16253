import type { Mode } from '@postgres-manager/sql-deploy';
import type { ApprovalInfo } from '../approvals/approval.ts';
import { freezeOver, type WaitingForFreeze } from '../freezes/freeze.ts';
import type { Deployment, Summary } from './deployment.ts';
import type { DeploymentFailure } from './deployment-failure.ts';
import type { DeploymentStatus } from './states.ts';
import type { StoredResolution } from './resolution.ts';
import { type Standing, waitingFor } from './waiting-for.ts';

/** A row of control_plane.deployments as DEPLOYMENT_COLUMNS selects it. */
export interface DeploymentRow {
  id: string;
  target_id: string;
  target_name: string;
  mode: Mode;
  bundle_digest: string;
  dry_run: boolean;
  on_error: 'stop' | 'continue';
  priority: number;
  not_before: Date | null;
  status: DeploymentStatus;
  epoch: number;
  next_attempt_at: Date | null;
  waiting: Standing['waiting'];
  approval: ApprovalInfo | null;
  summary: Summary | null;
  failure: DeploymentFailure | null;
  retry_of: string | null;
  resolution: StoredResolution | null;
  rollout_id: string | null;
  created_at: Date;
  created_by: string;
  started_at: Date | null;
  finished_at: Date | null;
  cancel_requested_at: Date | null;
  cancel_requested_by: string | null;
  predecessor: Standing['predecessor'];
  freeze: WaitingForFreeze | null;
}

/**
 * What a Deployment is made of, from a row `d`. The predecessor is looked up for queued rows only: the one right
 * before it in the target's line, or else the one that runs.
 */
export const DEPLOYMENT_COLUMNS = `d.id, d.target_id, d.target_name, d.mode, d.bundle_digest, d.dry_run, d.on_error,
  d.priority, d.not_before, d.status, d.epoch, d.next_attempt_at, d.waiting,
  d.approval - '{keyId,basis,address}'::text[] AS approval, d.summary, d.failure, d.retry_of,
  d.resolution, d.rollout_id, d.created_at, d.created_by, d.started_at, d.finished_at, d.cancel_requested_at, d.cancel_requested_by,
  CASE WHEN d.status = 'queued' THEN coalesce(
    (SELECT jsonb_build_object('id', p.id, 'status', p.status) FROM control_plane.deployments p
     WHERE p.target_id = d.target_id AND p.status = 'queued'
       AND (p.priority > d.priority OR p.priority = d.priority AND p.seq < d.seq)
     ORDER BY p.priority, p.seq DESC LIMIT 1),
    (SELECT jsonb_build_object('id', p.id, 'status', p.status) FROM control_plane.deployments p
     WHERE p.target_id = d.target_id AND p.status IN ('running', 'cancelling') LIMIT 1)) END AS predecessor,
  CASE WHEN d.status = 'queued' AND NOT d.dry_run THEN ${freezeOver('d.target_id')} END AS freeze`;

/** A Date of the driver as ISO 8601; null stays null. */
export function iso(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}

export function toDeployment(row: DeploymentRow): Deployment {
  return {
    id: row.id,
    target: row.target_name,
    mode: row.mode,
    bundle: row.bundle_digest,
    dryRun: row.dry_run,
    onError: row.on_error,
    priority: row.priority,
    notBefore: iso(row.not_before),
    status: row.status,
    waitingFor: waitingFor({
      status: row.status,
      notBefore: iso(row.not_before),
      nextAttemptAt: iso(row.next_attempt_at),
      waiting: row.waiting,
      predecessor: row.predecessor,
      freeze: row.freeze,
    }),
    approval: row.approval,
    summary: row.summary,
    failure: row.failure,
    retryOf: row.retry_of,
    resolution: row.resolution === null ? null : { file: row.resolution.file, outcome: row.resolution.outcome },
    rollout: row.rollout_id,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    startedAt: iso(row.started_at),
    finishedAt: iso(row.finished_at),
    cancelRequestedAt: iso(row.cancel_requested_at),
    cancelRequestedBy: row.cancel_requested_by,
  };
}
