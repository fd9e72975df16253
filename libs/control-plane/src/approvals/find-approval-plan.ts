import type { KnownLedger } from '@postgres-manager/sql-deploy';
import type { ControlDatabase } from '../database/control-database.ts';
import { DEPLOYMENT_COLUMNS, type DeploymentRow, iso, toDeployment } from '../deployments/deployment-row.ts';
import type { Deployment } from '../deployments/deployment.ts';
import type { Labels } from '../targets/labels.ts';
import { ADDRESS_COLUMNS, addressOf, type TargetRow } from '../targets/target-row.ts';
import { type ApprovalPlan, type ApprovedStep, withDigest } from './approval.ts';
import { loadOutline, planByLedger, type Wanted } from './known-plans.ts';

/** A deployment that may be approved, and what is approved with it. */
export interface Approvable {
  readonly deployment: Deployment;
  readonly plan: ApprovalPlan;
  /** When its plan was made, or the ledger read that it was made by; null: the target was never seen. ISO 8601, UTC. */
  readonly seenAt: string | null;
  /** The key that asked for it. */
  readonly askedBy: string | null;
  /** As its row has it: tells whether it was voided meanwhile. */
  readonly since: string | null;
}

interface Row extends DeploymentRow, Pick<TargetRow, 'dsn_env' | 'host' | 'port' | 'database_name' | 'user_name'> {
  key_id: string | null;
  voided_at: Date | null;
  ledger: KnownLedger | null;
  read_at: Date | null;
}

/**
 * What would be run if the deployment were approved now: the plan that a worker made there and that was not approved, or
 * the one by the ledger as it was last seen, whichever is newer.
 * @returns null when there is no such deployment for the caller, or its target is not there any more
 */
export async function findApprovable(db: ControlDatabase, id: string, allowed: Labels): Promise<Approvable | null> {
  const { rows } = await db.pool.query<Row>(
    `SELECT ${DEPLOYMENT_COLUMNS}, d.key_id, l.read_at, ${ADDRESS_COLUMNS},
       CASE WHEN d.waiting ->> 'voided' IS NOT NULL THEN (d.waiting ->> 'since')::timestamptz END AS voided_at,
       CASE WHEN l.target_id IS NOT NULL THEN jsonb_build_object('create', l.create_state, 'files', l.files) END AS ledger
     FROM control_plane.deployments d
     JOIN control_plane.targets t ON t.id = d.target_id AND t.removed_at IS NULL AND t.labels @> $2
     LEFT JOIN control_plane.target_ledgers l ON l.target_id = d.target_id WHERE d.id = $1`,
    [id, JSON.stringify(allowed)],
  );
  const row = rows[0];
  if (row === undefined) return null;
  const deployment = toDeployment(row);
  const { target, mode, onError, resolution, bundle } = deployment;
  const wanted: Wanted = { target, address: addressOf(row), mode, onError, resolution };
  const found = { deployment, askedBy: row.key_id, since: row.waiting?.kind === 'approval' ? row.waiting.since : null };
  if (row.voided_at !== null && (row.read_at === null || row.read_at <= row.voided_at)) {
    const steps = await findPlannedSteps(db, id);
    const plan = withDigest({ ...wanted, bundle, basis: 'worker', steps, stop: null });
    return { ...found, plan, seenAt: iso(row.voided_at) };
  }
  const plan = planByLedger(await loadOutline(db.pool, bundle), wanted, row.ledger);
  return { ...found, plan, seenAt: iso(row.read_at) };
}

/** What the worker that stopped before running anything had planned. */
async function findPlannedSteps({ pool }: ControlDatabase, id: string): Promise<ApprovedStep[]> {
  const { rows } = await pool.query<ApprovedStep>(
    `SELECT path, sha256 FROM control_plane.steps WHERE deployment_id = $1 AND status = 'planned' ORDER BY position`,
    [id],
  );
  return rows;
}
