import type { Actor } from '../audit/actor.ts';
import { type ControlDatabase, inTransaction } from '../database/control-database.ts';
import { ControlPlaneError } from '../errors.ts';
import type { Deployment } from './deployment.ts';
import { DEPLOYMENT_COLUMNS, type DeploymentRow, toDeployment } from './deployment-row.ts';
import { enterDeployment, type NewDeployment } from './transitions/enter.ts';

/** One key of one caller, and what was sent with it. */
export interface IdempotencyKey {
  /** Whose key it is: two callers may use the same text. */
  readonly owner: string;
  readonly key: string;
  /** SHA-256 of the request's body. */
  readonly bodySha256: Buffer;
}

/**
 * Finds the deployment that was made under a key before.
 * @returns null when there is none yet
 * @throws ControlPlaneError idempotency_key_reused for another body
 */
export async function findIdempotent(db: ControlDatabase, key: IdempotencyKey): Promise<Deployment | null> {
  const { rows } = await db.pool.query<DeploymentRow & { body_sha256: Buffer }>(
    `SELECT k.body_sha256, ${DEPLOYMENT_COLUMNS} FROM control_plane.idempotency_keys k
     JOIN control_plane.deployments d ON d.id = k.deployment_id WHERE k.owner = $1 AND k.key = $2`,
    [key.owner, key.key],
  );
  const row = rows[0];
  if (row === undefined) return null;
  if (!row.body_sha256.equals(key.bodySha256)) {
    throw new ControlPlaneError(
      'idempotency_key_reused',
      'This Idempotency-Key was used before with another body. No deployment was made.',
      'Use a new key for a new request; the same key only to repeat the very same one.',
    );
  }
  return toDeployment(row);
}

/**
 * Enters a deployment once, however often the same request comes, and however many come at once.
 * @returns null when there is no such target for the caller; `replayed` when it was made before
 * @throws ControlPlaneError idempotency_key_reused, or idempotency_key_in_flight while another request with the key
 * is being carried out
 */
export async function enterDeploymentOnce(
  db: ControlDatabase,
  key: IdempotencyKey,
  wanted: NewDeployment,
  actor: Actor,
): Promise<{ deployment: Deployment; replayed: boolean } | null> {
  const outcome = await inTransaction(db, async (transaction) => {
    const { rows } = await transaction.query<{ got: boolean }>(
      `SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS got`,
      [JSON.stringify([key.owner, key.key])],
    );
    if (rows[0]?.got !== true) throw inFlight();
    // Under the lock no other request can enter the key: look before making anything.
    const { rowCount } = await transaction.query(
      `SELECT FROM control_plane.idempotency_keys WHERE owner = $1 AND key = $2`,
      [key.owner, key.key],
    );
    if (rowCount !== 0) return 'present';
    const deployment = await enterDeployment(transaction, wanted, actor);
    if (deployment === null) return null;
    await transaction.query(
      `INSERT INTO control_plane.idempotency_keys (owner, key, body_sha256, deployment_id) VALUES ($1, $2, $3, $4)`,
      [key.owner, key.key, key.bodySha256, deployment.id],
    );
    return deployment;
  });
  if (outcome === null) return null;
  if (outcome !== 'present') return { deployment: outcome, replayed: false };
  const deployment = await findIdempotent(db, key);
  return deployment === null ? null : { deployment, replayed: true };
}

function inFlight(): ControlPlaneError {
  return new ControlPlaneError(
    'idempotency_key_in_flight',
    'A request with this Idempotency-Key is being carried out at this moment. Nothing was done for this one.',
    'Send it again in a second: it will be answered with the deployment that the first one makes.',
  );
}
