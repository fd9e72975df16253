import { randomUUID } from 'node:crypto';
import type { Mode } from '@postgres-manager/sql-deploy';
import type { Actor } from '../../audit/actor.ts';
import type { Queryable } from '../../database/control-database.ts';
import { protectionOf } from '../../protections/protection.ts';
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

/** A deployment that is asked for, and by whom. */
export interface Entry {
  readonly wanted: NewDeployment;
  readonly actor: Actor;
}

/** Part of the statement, not one of its own: most bundles lack nothing, and then nothing more is to be asked. */
const LACKS_APPLIED = `EXISTS (SELECT FROM control_plane.target_ledgers l, jsonb_to_recordset(l.files) AS f (path text)
  WHERE l.target_id = t.id AND f.path LIKE 'deployment/%' AND NOT EXISTS (SELECT FROM control_plane.bundle_files b
    WHERE b.bundle_digest = w."bundleDigest" AND b.path = f.path))`;

/**
 * Enters a deployment, as queued or, with a `notBefore` to come, as scheduled; on a protected target as one that waits for
 * an approval, dry runs apart.
 * @returns null when there is no such target, none that the caller may use, or, with `refuseLacking`, the bundle lacks
 * what is applied there: `findLacking` tells
 */
export async function enterDeployment(db: Queryable, wanted: NewDeployment, actor: Actor): Promise<Deployment | null> {
  const [entered] = await enterDeployments(db, [{ wanted, actor }]);
  return entered ?? null;
}

/**
 * Enters deployments as `enterDeployment` does, in their order, in one statement: all of them, or none when it fails.
 * Two for the same target don't belong in one call: neither would see the other before it in the line.
 * @returns for each entry its deployment, or null
 */
export async function enterDeployments(db: Queryable, entries: readonly Entry[]): Promise<(Deployment | null)[]> {
  const rows = entries.map(({ wanted, actor }, place) => ({
    ...wanted,
    place,
    id: randomUUID(),
    refuseLacking: wanted.refuseLacking === true,
    actor: actor.name,
    keyId: actor.keyId,
    requestId: actor.requestId,
  }));
  const { rows: entered } = await db.query<DeploymentRow>({
    name: 'enter-deployments',
    text: `WITH w AS (
        SELECT * FROM jsonb_to_recordset($1) AS w (place integer, id uuid, target text, "allowedLabels" jsonb, mode text,
          "bundleDigest" text, "dryRun" boolean, "onError" text, priority integer, "notBefore" timestamptz,
          "retryOf" uuid, "refuseLacking" boolean, "traceParent" text, actor text, "keyId" uuid, "requestId" text)
      ), d AS (
        INSERT INTO control_plane.deployments
          (id, target_id, target_name, mode, bundle_digest, dry_run, on_error, priority, not_before, status, waiting, retry_of,
           created_by, key_id, request_id, trace_parent, last_event)
        SELECT w.id, t.id, t.name, w.mode, w."bundleDigest", w."dryRun", w."onError", w.priority, w."notBefore",
          CASE WHEN t.protection IS NOT NULL AND NOT w."dryRun" THEN 'awaiting_approval'
            WHEN w."notBefore" > clock_timestamp() THEN 'scheduled' ELSE 'queued' END,
          CASE WHEN NOT w."dryRun" THEN t.protection END, w."retryOf", w.actor, w."keyId", w."requestId", w."traceParent", 1
        -- Sideways, so that each target is found by its name, however many there are. Locked before the audit row, so
        -- that one that is being removed is waited for, and then looked at anew: what was seen of it before is too old.
        FROM w CROSS JOIN LATERAL (SELECT t.id, t.name, ${protectionOf('t.name', 't.labels')} AS protection
          FROM control_plane.targets t
          WHERE t.name = w.target AND t.removed_at IS NULL AND t.labels @> w."allowedLabels"
            AND NOT (w."refuseLacking" AND ${LACKS_APPLIED}) LIMIT 1 FOR SHARE OF t) t
        ORDER BY w.place
        RETURNING *
      ), event AS (
        INSERT INTO control_plane.events (deployment_id, number, type, data)
        SELECT d.id, 1, d.status, jsonb_strip_nulls(jsonb_build_object('by', d.created_by, 'waitingFor', d.waiting)) FROM d ORDER BY d.seq
      ), audit AS (
        INSERT INTO control_plane.audit_log (actor, key_id, request_id, action, subject_type, subject, detail)
        SELECT d.created_by, d.key_id, d.request_id,
          CASE WHEN d.retry_of IS NULL THEN 'deployment.create' ELSE 'deployment.retry' END,
          'deployment', d.id::text, jsonb_build_object('target', d.target_name, 'mode', d.mode,
            'bundle', d.bundle_digest, 'dryRun', d.dry_run, 'retryOf', d.retry_of) FROM d ORDER BY d.seq
      ) SELECT ${DEPLOYMENT_COLUMNS} FROM d`,
    values: [JSON.stringify(rows)],
  });
  const byId = new Map(entered.map((row) => [row.id, row]));
  return rows.map(({ id }) => {
    const row = byId.get(id);
    return row === undefined ? null : toDeployment(row);
  });
}
