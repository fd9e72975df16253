import type { Mode } from '@postgres-manager/sql-deploy';
import type { Actor } from '../../audit/actor.ts';
import type { Queryable } from '../../database/control-database.ts';
import type { Labels } from '../../targets/labels.ts';
import type { Deployment } from '../deployment.ts';
import { DEPLOYMENT_COLUMNS, type DeploymentRow, toDeployment } from '../deployment-row.ts';

/** What is asked for. The bundle is stored, and found to be without problems, before. */
export interface NewDeployment {
  readonly target: string;
  /** Labels that the target must have for this caller to be allowed to use it; empty: any target. */
  readonly allowedLabels: Labels;
  readonly mode: Mode;
  readonly bundleDigest: string;
  readonly dryRun: boolean;
  readonly onError: 'stop' | 'continue';
  /** Higher goes first in the target's line. */
  readonly priority: number;
  /** ISO 8601; null: at once. */
  readonly notBefore: string | null;
  readonly retryOf: string | null;
  /** Refuse a bundle that lacks files of deployment/ which the target is known to have applied. Default false. */
  readonly refuseLacking?: boolean;
  /** W3C `traceparent` of the request, so that the run belongs to its trace. */
  readonly traceParent: string | null;
}

/** Part of the statement, not one of its own: most bundles lack nothing, and then nothing more is to be asked. */
const LACKS_APPLIED = `EXISTS (SELECT FROM control_plane.target_ledgers l, jsonb_to_recordset(l.files) AS f (path text)
  WHERE l.target_id = t.id AND f.path LIKE 'deployment/%' AND NOT EXISTS (SELECT FROM control_plane.bundle_files b
    WHERE b.bundle_digest = $4 AND b.path = f.path))`;

/**
 * Enters a deployment, as queued or, with a `notBefore` to come, as scheduled.
 * @returns null when there is no such target, none that the caller may use, or, with `refuseLacking`, the bundle lacks
 * what is applied there: `findLacking` tells
 */
export async function enterDeployment(db: Queryable, wanted: NewDeployment, actor: Actor): Promise<Deployment | null> {
  const { rows } = await db.query<DeploymentRow>({
    name: 'enter-deployment',
    text: `WITH d AS (
        INSERT INTO control_plane.deployments
          (target_id, target_name, mode, bundle_digest, dry_run, on_error, priority, not_before, status, retry_of,
           created_by, key_id, request_id, trace_parent, last_event)
        SELECT t.id, t.name, $3, $4, $5, $6, $7, $8::timestamptz,
          CASE WHEN $8::timestamptz > clock_timestamp() THEN 'scheduled' ELSE 'queued' END,
          $9, $10, $11, $12, $13, 1
        FROM control_plane.targets t WHERE t.name = $1 AND t.removed_at IS NULL AND t.labels @> $2
          AND NOT ($14::boolean AND ${LACKS_APPLIED})
        RETURNING *
      ), event AS (
        INSERT INTO control_plane.events (deployment_id, number, type, data)
        SELECT d.id, 1, d.status, jsonb_build_object('by', d.created_by) FROM d
      ), audit AS (
        INSERT INTO control_plane.audit_log (actor, key_id, request_id, action, subject_type, subject, detail)
        SELECT $10, $11, $12, CASE WHEN d.retry_of IS NULL THEN 'deployment.create' ELSE 'deployment.retry' END,
          'deployment', d.id::text, jsonb_build_object('target', d.target_name, 'mode', d.mode,
            'bundle', d.bundle_digest, 'dryRun', d.dry_run, 'retryOf', d.retry_of) FROM d
      ) SELECT ${DEPLOYMENT_COLUMNS} FROM d`,
    values: [
      wanted.target,
      JSON.stringify(wanted.allowedLabels),
      wanted.mode,
      wanted.bundleDigest,
      wanted.dryRun,
      wanted.onError,
      wanted.priority,
      wanted.notBefore,
      wanted.retryOf,
      actor.name,
      actor.keyId,
      actor.requestId,
      wanted.traceParent,
      wanted.refuseLacking === true,
    ],
  });
  return rows[0] === undefined ? null : toDeployment(rows[0]);
}
