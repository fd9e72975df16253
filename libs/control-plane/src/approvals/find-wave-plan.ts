import { createHash } from 'node:crypto';
import type { KnownLedger } from '@postgres-manager/sql-deploy';
import type { ControlDatabase } from '../database/control-database.ts';
import { iso } from '../deployments/deployment-row.ts';
import { notProtected } from '../protections/protection.ts';
import { ROLLOUT_COLUMNS, type RolloutRow } from '../rollouts/rollout-row.ts';
import type { Labels } from '../targets/labels.ts';
import { ADDRESS_COLUMNS, addressOf, type TargetRow } from '../targets/target-row.ts';
import type { ApprovalPlan } from './approval.ts';
import { loadOutline, planByLedger } from './known-plans.ts';

/** The plan of one target of a wave. */
export interface WaveTargetPlan {
  readonly targetId: string;
  /** When the ledger was read that it is made by; null: the target was never seen. ISO 8601, UTC. */
  readonly seenAt: string | null;
  readonly plan: ApprovalPlan;
}

/** What is approved with a wave of a rollout. */
export interface WavePlan {
  readonly rolloutId: string;
  readonly wave: number;
  readonly bundle: string;
  /** SHA-256 over the rest: whoever approves names it. */
  readonly plan: string;
  readonly targets: readonly WaveTargetPlan[];
}

/** So many ledgers are read at a time: one may have some hundred kilobytes. */
const AT_ONCE = 100;

interface Row extends Pick<TargetRow, 'dsn_env' | 'host' | 'port' | 'database_name' | 'user_name'> {
  target_id: string;
  target_name: string;
  position: number;
  ledger: KnownLedger | null;
  read_at: Date | null;
}

/**
 * What would be run on the targets that a rollout's wave waits for, by their ledgers as they were last seen.
 * @returns `wave` null: it waits for no approval; null when there is no such rollout for the caller
 */
export async function findWavePlan(
  db: ControlDatabase,
  rolloutId: string,
  allowed: Labels,
): Promise<{ rollout: RolloutRow; wave: WavePlan | null } | null> {
  const { rows } = await db.pool.query<RolloutRow>(
    `SELECT ${ROLLOUT_COLUMNS} FROM control_plane.rollouts r WHERE r.id = $1 AND r.common_labels @> $2`,
    [rolloutId, JSON.stringify(allowed)],
  );
  const rollout = rows[0];
  if (rollout === undefined) return null;
  if (rollout.waiting?.kind !== 'wave_approval' || rollout.waiting.wave === null) return { rollout, wave: null };
  const { wave } = rollout.waiting;
  const outline = await loadOutline(db.pool, rollout.bundle_digest);
  const targets: WaveTargetPlan[] = [];
  for (let after = 0; ; ) {
    const page = await readTargets(db, rolloutId, wave, after);
    for (const row of page) {
      const wanted = {
        target: row.target_name,
        address: addressOf(row),
        mode: rollout.mode,
        onError: 'stop',
        resolution: null,
      } as const;
      targets.push({
        targetId: row.target_id,
        seenAt: iso(row.read_at),
        plan: planByLedger(outline, wanted, row.ledger),
      });
    }
    const last = page.at(-1);
    if (last === undefined || page.length < AT_ONCE) break;
    after = last.position;
  }
  return {
    rollout,
    wave: { rolloutId, wave, bundle: rollout.bundle_digest, plan: digestOf(rolloutId, wave, targets), targets },
  };
}

async function readTargets({ pool }: ControlDatabase, rolloutId: string, wave: number, after: number): Promise<Row[]> {
  const { rows } = await pool.query<Row>(
    `SELECT m.target_id, m.target_name, m.position, l.read_at, ${ADDRESS_COLUMNS},
       CASE WHEN l.target_id IS NOT NULL THEN jsonb_build_object('create', l.create_state, 'files', l.files) END AS ledger
     FROM control_plane.rollout_targets m JOIN control_plane.targets t ON t.id = m.target_id
     LEFT JOIN control_plane.target_ledgers l ON l.target_id = m.target_id
     WHERE m.rollout_id = $1 AND m.wave = $2 AND m.state = 'pending' AND m.approval IS NULL AND m.position > $3
       AND NOT ${notProtected('m.target_id')}
     ORDER BY m.position LIMIT ${AT_ONCE}`,
    [rolloutId, wave, after],
  );
  return rows;
}

function digestOf(rolloutId: string, wave: number, targets: readonly WaveTargetPlan[]): string {
  const canonical = JSON.stringify([rolloutId, wave, targets.map(({ plan }) => [plan.target, plan.plan])]);
  return createHash('sha256').update(canonical).digest('hex');
}
