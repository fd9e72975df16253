import type { Mode } from '@postgres-manager/sql-deploy';
import type { Actor } from '../../audit/actor.ts';
import { writeAudit } from '../../audit/write-audit.ts';
import { type ControlDatabase, inTransaction, type Queryable } from '../../database/control-database.ts';
import type { IdempotencyKey } from '../../deployments/idempotency.ts';
import { ControlPlaneError } from '../../errors.ts';
import type { Labels } from '../../targets/labels.ts';
import type { Between } from '../decide.ts';
import type { PlannedWave } from '../plan-waves.ts';
import type { RolloutCandidate } from '../resolve-targets.ts';
import type { RolloutRequest } from '../rollout.ts';
import type { RolloutRow } from '../rollout-row.ts';
import type { Window } from '../window.ts';
import { carryOn, lockRollout, type Moved } from './carry-on.ts';

/** What is asked for, its targets resolved and dealt out. The bundle is stored, and without problems in the way. */
export interface NewRollout {
  readonly mode: Mode;
  readonly bundleDigest: string;
  readonly dryRun: boolean;
  readonly priority: number;
  readonly request: RolloutRequest;
  readonly waves: readonly PlannedWave<RolloutCandidate>[];
  readonly maxParallel: number;
  readonly maxParallelPerServer: number;
  /** In targets. */
  readonly failureBudget: number;
  readonly between: Between;
  /** ISO 8601; null: at once. */
  readonly notBefore: string | null;
  readonly window: Window | null;
  readonly traceParent: string | null;
}

export type Entered =
  | { readonly id: string; readonly replayed: false; readonly moved: Moved }
  | { readonly id: string; readonly replayed: true };

/**
 * Enters a rollout with its targets, and makes its first move. With a key once, however often the same request comes.
 * @throws ControlPlaneError idempotency_key_reused, idempotency_key_in_flight
 */
export async function enterRollout(
  db: ControlDatabase,
  wanted: NewRollout,
  actor: Actor,
  key: IdempotencyKey | null,
): Promise<Entered> {
  return inTransaction(db, async (transaction) => {
    if (key !== null) {
      const before = await findUnderLock(transaction, key);
      if (before !== null) return { id: before, replayed: true };
    }
    const id = await insertRollout(transaction, wanted, actor);
    await insertTargets(transaction, id, wanted);
    if (key !== null) {
      await transaction.query(
        `INSERT INTO control_plane.rollout_idempotency_keys (owner, key, body_sha256, rollout_id) VALUES ($1, $2, $3, $4)`,
        [key.owner, key.key, key.bodySha256, id],
      );
    }
    const { waves, request, mode, bundleDigest, dryRun } = wanted;
    const sizes = waves.map(({ targets }) => targets.length);
    await writeAudit(transaction, actor, {
      action: 'rollout.create',
      subjectType: 'rollout',
      subject: id,
      detail: { mode, bundle: bundleDigest, dryRun, ...request, waves: sizes, failureBudget: wanted.failureBudget },
    });
    const row = (await lockRollout(transaction, id)) as RolloutRow;
    const created = { type: 'created', data: { by: actor.name, waves: sizes } };
    return { id, replayed: false, moved: await carryOn(transaction, row, { row: {}, events: [created], waves: [] }) };
  });
}

/**
 * The rollout that was made under a key before; null when there is none yet.
 * @throws ControlPlaneError idempotency_key_reused for another body
 */
export async function findIdempotentRollout(db: Queryable, key: IdempotencyKey): Promise<string | null> {
  const { rows } = await db.query<{ rollout_id: string; body_sha256: Buffer }>(
    'SELECT rollout_id, body_sha256 FROM control_plane.rollout_idempotency_keys WHERE owner = $1 AND key = $2',
    [key.owner, key.key],
  );
  const row = rows[0];
  if (row === undefined) return null;
  if (row.body_sha256.equals(key.bodySha256)) return row.rollout_id;
  throw new ControlPlaneError(
    'idempotency_key_reused',
    'This Idempotency-Key was used before with another body. No rollout was made.',
    'Use a new key for a new request; the same key only to repeat the very same one.',
  );
}

async function findUnderLock(transaction: Queryable, key: IdempotencyKey): Promise<string | null> {
  const { rows } = await transaction.query<{ got: boolean }>(
    `SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS got`,
    [JSON.stringify(['rollout', key.owner, key.key])],
  );
  if (rows[0]?.got !== true) {
    throw new ControlPlaneError(
      'idempotency_key_in_flight',
      'A request with this Idempotency-Key is being carried out at this moment. Nothing was done for this one.',
      'Send it again in a second: it will be answered with the rollout that the first one makes.',
    );
  }
  return findIdempotentRollout(transaction, key);
}

async function insertRollout(transaction: Queryable, wanted: NewRollout, actor: Actor): Promise<string> {
  const targets = wanted.waves.flatMap((wave) => wave.targets);
  const bundles = [{ digest: wanted.bundleDigest, since: new Date().toISOString(), by: actor.name }];
  const { rows } = await transaction.query<{ id: string }>(
    `INSERT INTO control_plane.rollouts (mode, bundle_digest, bundles, dry_run, priority, status, request, max_parallel,
       max_parallel_per_server, failure_budget, between_waves, not_before, run_window, target_count, common_labels,
       created_by, key_id, request_id, trace_parent)
     VALUES ($1, $2, $3, $4, $5, 'scheduled', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) RETURNING id`,
    [
      wanted.mode,
      wanted.bundleDigest,
      JSON.stringify(bundles),
      wanted.dryRun,
      wanted.priority,
      JSON.stringify(wanted.request),
      wanted.maxParallel,
      wanted.maxParallelPerServer,
      wanted.failureBudget,
      JSON.stringify(wanted.between),
      wanted.notBefore,
      wanted.window === null ? null : JSON.stringify(wanted.window),
      targets.length,
      JSON.stringify(commonLabels(targets.map(({ labels }) => labels))),
      actor.name,
      actor.keyId,
      actor.requestId,
      wanted.traceParent,
    ],
  );
  return rows[0]?.id ?? '';
}

async function insertTargets(transaction: Queryable, id: string, wanted: NewRollout): Promise<void> {
  const targets = wanted.waves.flatMap((wave, index) => wave.targets.map((target) => ({ target, wave: index + 1 })));
  await transaction.query(
    `INSERT INTO control_plane.rollout_targets (rollout_id, target_id, target_name, server, wave, position)
     SELECT $1, t.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::integer[]) WITH ORDINALITY AS t`,
    [
      id,
      targets.map(({ target }) => target.id),
      targets.map(({ target }) => target.name),
      targets.map(({ target }) => target.server),
      targets.map(({ wave }) => wave),
    ],
  );
  await transaction.query(
    `INSERT INTO control_plane.rollout_waves (rollout_id, number, selection, total, pending)
     SELECT $1, w.number, w.selection, w.total, w.total
     FROM unnest($2::jsonb[], $3::integer[]) WITH ORDINALITY AS w (selection, total, number)`,
    [
      id,
      wanted.waves.map(({ selection }) => JSON.stringify(selection)),
      wanted.waves.map((wave) => wave.targets.length),
    ],
  );
  await transaction.query(
    `INSERT INTO control_plane.rollout_servers (rollout_id, server, wave, pending, most)
     SELECT rollout_id, server, wave, count(*), $2 FROM control_plane.rollout_targets WHERE rollout_id = $1
     GROUP BY rollout_id, server, wave`,
    [id, wanted.maxParallelPerServer],
  );
}

/** What all have in common. */
function commonLabels(all: readonly Labels[]): Labels {
  const [first = {}, ...others] = all;
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((labels) => labels[name] === value)),
  );
}
