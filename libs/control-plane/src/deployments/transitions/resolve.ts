import type { StepEvidence } from '@postgres-manager/sql-deploy';
import type { Actor } from '../../audit/actor.ts';
import { type ControlDatabase, inTransaction, type Queryable } from '../../database/control-database.ts';
import { ControlPlaneError } from '../../errors.ts';
import { protectionOver } from '../../protections/protection.ts';
import type { Labels } from '../../targets/labels.ts';
import type { Deployment } from '../deployment.ts';
import { DEPLOYMENT_COLUMNS, type DeploymentRow, toDeployment } from '../deployment-row.ts';
import type { ResolutionOutcome, StoredResolution } from '../resolution.ts';
import { isFinal } from '../states.ts';

/** What is said about which deployment. */
export interface Answer {
  readonly deploymentId: string;
  readonly file: string;
  readonly outcome: ResolutionOutcome;
  /** Labels that the target must have for this caller to be allowed to use it; empty: any target. */
  readonly allowedLabels: Labels;
  readonly traceParent: string | null;
}

/**
 * Enters a deployment that carries a person's answer about an interrupted file to the target, and then goes on as the
 * one it refers to was to. The same answer again, while the first is under way, gives the first.
 * @returns null when there is no such deployment, or its target is no longer there, for the caller
 * @throws ControlPlaneError deployment_not_resolvable, resolution_file_wrong, resolution_pending
 */
export async function enterResolution(
  db: ControlDatabase,
  answer: Answer,
  actor: Actor,
): Promise<{ deployment: Deployment; replayed: boolean } | null> {
  return inTransaction(db, async (transaction) => {
    const old = await findForAnswer(transaction, answer);
    if (old === null) return null;
    const evidence = evidenceFor(toDeployment(old), answer);
    if (answer.outcome === 'applied') await requireSameBytes(transaction, old, evidence);
    const pending = await findPending(transaction, old.id);
    if (pending !== null) return { deployment: samePending(pending, answer), replayed: true };
    const { file, outcome } = answer;
    const deployment = await insert(transaction, old.id, { file, outcome, evidence }, answer.traceParent, actor);
    return { deployment, replayed: false };
  });
}

/**
 * Enters the deployment of an answer once more, as retrying it asks for. The answer is entered in the ledger only if
 * it has not been already: the worker sees that by the evidence.
 * @returns null when the target is no longer there for the caller
 */
export async function enterResolutionAgain(
  db: ControlDatabase,
  again: { readonly deploymentId: string; readonly allowedLabels: Labels; readonly traceParent: string | null },
  actor: Actor,
): Promise<Deployment | null> {
  return inTransaction(db, async (transaction) => {
    const old = await findForAnswer(transaction, again);
    if (old === null || old.resolution === null) return null;
    return await insert(transaction, old.id, old.resolution, again.traceParent, actor);
  });
}

/**
 * The row is locked, so that of two answers at once the second one sees the first; its target, so that it is not removed
 * meanwhile.
 */
async function findForAnswer(
  transaction: Queryable,
  { deploymentId, allowedLabels }: { readonly deploymentId: string; readonly allowedLabels: Labels },
): Promise<DeploymentRow | null> {
  const { rows } = await transaction.query<DeploymentRow>(
    `SELECT ${DEPLOYMENT_COLUMNS} FROM control_plane.deployments d
       JOIN control_plane.targets t ON t.id = d.target_id AND t.removed_at IS NULL AND t.labels @> $2
     WHERE d.id = $1 FOR NO KEY UPDATE OF d FOR SHARE OF t`,
    [deploymentId, JSON.stringify(allowedLabels)],
  );
  return rows[0] ?? null;
}

function evidenceFor(old: Deployment, { file }: Answer): StepEvidence {
  const { id, status } = old;
  if (status !== 'needs_attention') {
    throw notResolvable(
      `Deployment ${id} does not wait for a person's answer: it is ${status}. Nothing was changed.`,
      isFinal(status)
        ? 'To run the same files again: retry.'
        : 'It may still end by itself; only one that ended in `needs_attention` takes an answer.',
    );
  }
  if (old.dryRun) {
    throw notResolvable(
      `Deployment ${id} is a dry run, which changes nothing, also not the target's ledger. Nothing was changed.`,
      'Deploy it without dryRun: that deployment ends in `needs_attention` too, and takes the answer.',
    );
  }
  const failures = [old.failure, ...(old.summary?.failures ?? [])].flatMap((failure) => failure ?? []);
  const known = failures.flatMap(({ evidence }) => evidence ?? []);
  const evidence = known.find(({ path }) => path === file);
  if (evidence !== undefined) return evidence;
  if (known.length > 0) {
    throw new ControlPlaneError(
      'resolution_file_wrong',
      `The file that waits to be settled in deployment ${id} is ${known[0]?.path ?? ''}. Nothing was changed.`,
      'Give the path as it stands there.',
    );
  }
  throw notResolvable(
    `Deployment ${id} names no file that waits to be settled (${old.failure?.code ?? 'no failure'}). Nothing was changed.`,
    'Retry it: the target is asked what became of the run, and the new deployment carries on, or names the file with what is known of it.',
  );
}

/** Else the ledger would vouch for bytes that nobody ran; the worker looks once more, under the target's lock. */
async function requireSameBytes(transaction: Queryable, old: DeploymentRow, evidence: StepEvidence): Promise<void> {
  const { rows } = await transaction.query<{ sha256: string }>(
    'SELECT sha256 FROM control_plane.bundle_files WHERE bundle_digest = $1 AND path = $2',
    [old.bundle_digest, evidence.path],
  );
  const sha256 = rows[0]?.sha256;
  if (sha256 === evidence.sha256) return;
  throw notResolvable(
    sha256 === undefined
      ? `The bundle of deployment ${old.id} does not hold ${evidence.path}, so it cannot be entered as applied. Nothing was changed.`
      : `${evidence.path} is not the same file in the bundle of deployment ${old.id} as was run on the target (SHA-256 ${sha256} and ${evidence.sha256}). Nothing was changed.`,
    'Deploy a bundle that holds the file as it was run, and settle that deployment; or undo by hand what is there of it, and say not-applied.',
  );
}

async function findPending(transaction: Queryable, oldId: string): Promise<DeploymentRow | null> {
  const { rows } = await transaction.query<DeploymentRow>(
    `SELECT ${DEPLOYMENT_COLUMNS} FROM control_plane.deployments d
     WHERE d.retry_of = $1 AND d.resolution IS NOT NULL AND d.status IN ('awaiting_approval', 'queued', 'running', 'cancelling')
     ORDER BY d.seq DESC LIMIT 1`,
    [oldId],
  );
  return rows[0] ?? null;
}

function samePending(pending: DeploymentRow, { file, outcome }: Answer): Deployment {
  if (pending.resolution?.file === file && pending.resolution.outcome === outcome && pending.status !== 'cancelling') {
    return toDeployment(pending);
  }
  throw new ControlPlaneError(
    'resolution_pending',
    `Deployment ${pending.id} is settling it already, as ${pending.resolution?.outcome ?? 'unknown'} (said by ${pending.created_by}). Nothing was changed.`,
    `Talk to ${pending.created_by}; cancel ${pending.id} first if that is wrong.`,
  );
}

async function insert(
  transaction: Queryable,
  oldId: string,
  resolution: StoredResolution,
  traceParent: string | null,
  actor: Actor,
): Promise<Deployment> {
  const { rows } = await transaction.query<DeploymentRow>(
    `WITH d AS (
       INSERT INTO control_plane.deployments
         (target_id, target_name, mode, bundle_digest, dry_run, on_error, priority, status, waiting, retry_of, resolution,
          created_by, key_id, request_id, trace_parent, last_event)
       SELECT o.target_id, o.target_name, o.mode, o.bundle_digest, false, o.on_error, o.priority,
         CASE WHEN p.protection IS NULL THEN 'queued' ELSE 'awaiting_approval' END, p.protection, o.id, $2,
         $3, $4, $5, $6, 1
       FROM control_plane.deployments o CROSS JOIN LATERAL (SELECT ${protectionOver('o.target_id')} AS protection) p
       WHERE o.id = $1
       RETURNING *
     ), event AS (
       INSERT INTO control_plane.events (deployment_id, number, type, data)
       SELECT d.id, 1, d.status, jsonb_strip_nulls(jsonb_build_object('by', d.created_by, 'settles', d.retry_of,
         'file', d.resolution -> 'file', 'outcome', d.resolution -> 'outcome', 'waitingFor', d.waiting)) FROM d
     ), audit AS (
       INSERT INTO control_plane.audit_log (actor, key_id, request_id, action, subject_type, subject, detail)
       SELECT $3, $4, $5, 'deployment.resolve', 'deployment', d.id::text, jsonb_build_object('target', d.target_name,
         'mode', d.mode, 'bundle', d.bundle_digest, 'settles', d.retry_of, 'file', d.resolution -> 'file',
         'outcome', d.resolution -> 'outcome', 'evidence', d.resolution -> 'evidence') FROM d
     ) SELECT ${DEPLOYMENT_COLUMNS} FROM d`,
    [oldId, JSON.stringify(resolution), actor.name, actor.keyId, actor.requestId, traceParent],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`deployment ${oldId} was not there to be settled`);
  return toDeployment(row);
}

function notResolvable(message: string, hint: string): ControlPlaneError {
  return new ControlPlaneError('deployment_not_resolvable', message, hint);
}
