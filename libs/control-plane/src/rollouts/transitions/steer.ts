import type { Actor } from '../../audit/actor.ts';
import { writeAudit } from '../../audit/write-audit.ts';
import { type ControlDatabase, inTransaction, type Queryable } from '../../database/control-database.ts';
import { ControlPlaneError } from '../../errors.ts';
import type { RolloutRow } from '../rollout-row.ts';
import type { RolloutStatus } from '../rollout-states.ts';
import { carryOn, type Changes, lockRollout, type Moved } from './carry-on.ts';
import { cancelPending, requireNothingChanged, retryAmiss, skipTargets, voidApprovals } from './target-changes.ts';

/** What a person has a rollout do. */
export type Steering =
  | { readonly action: 'pause'; readonly reason: string | null }
  | {
      readonly action: 'resume';
      /** The digest of another bundle that goes on in place of the one so far; null: the same. */
      readonly bundle: string | null;
      /** Targets that failed come again. */
      readonly retryFailed: boolean;
    }
  | { readonly action: 'cancel'; readonly reason: string | null }
  /** No to what waits for an approval: as a cancel, and only then. */
  | { readonly action: 'reject'; readonly reason: string }
  | { readonly action: 'promote'; readonly wave: number | null }
  | { readonly action: 'skip'; readonly targets: readonly string[]; readonly reason: string };

interface Change extends Partial<Changes> {
  readonly detail: Readonly<Record<string, unknown>>;
}

/**
 * Has a rollout do something, with its audit row, and moves it on from there, all in one transaction.
 * @returns null when nothing was to be changed: it is so already
 * @throws ControlPlaneError rollout_unknown, and rollout_not_steerable when that can't be in its status
 */
export async function steerRollout(
  db: ControlDatabase,
  id: string,
  steering: Steering,
  actor: Actor,
): Promise<Moved | null> {
  return inTransaction(db, async (transaction) => {
    const locked = await lockRollout(transaction, id);
    if (locked === null) throw rolloutUnknown(id);
    // First what has ended by now: what is wanted is judged by how things stand.
    const before = await carryOn(transaction, locked);
    const row = (await lockRollout(transaction, id)) ?? locked;
    const change = await changeOf(transaction, row, steering, actor);
    if (change === null) return before.changed ? before : null;
    await writeAudit(transaction, actor, {
      action: `rollout.${steering.action}`,
      subjectType: 'rollout',
      subject: id,
      detail: change.detail,
    });
    const after = await carryOn(transaction, row, { row: {}, events: [], waves: [], ...change });
    return {
      ...after,
      started: [...before.started, ...after.started],
      heads: [...before.heads, ...after.heads],
      changed: true,
    };
  });
}

function changeOf(
  transaction: Queryable,
  row: RolloutRow,
  steering: Steering,
  actor: Actor,
): Promise<Change | null> | Change | null {
  switch (steering.action) {
    case 'pause':
      return pause(row, steering, actor);
    case 'resume':
      return resume(transaction, row, steering, actor);
    case 'cancel':
      return cancel(transaction, row, steering, actor);
    case 'reject':
      return reject(transaction, row, steering, actor);
    case 'promote':
      return promote(row, steering, actor);
    case 'skip':
      return skip(transaction, row, steering, actor);
  }
}

const reasonOf = (actor: Actor, reason: string): RolloutRow['status_reason'] => ({
  by: actor.name,
  at: new Date().toISOString(),
  reason,
});

function pause(row: RolloutRow, { reason }: Extract<Steering, { action: 'pause' }>, actor: Actor): Change | null {
  if (row.status === 'pausing' || row.status === 'paused') return null;
  requireStatus(row, 'pause', ['running', 'awaiting_approval', 'scheduled']);
  const status = row.status === 'running' ? 'pausing' : 'paused';
  return {
    row: { status, status_reason: reasonOf(actor, reason ?? 'It was paused.') },
    events: [{ type: 'pause_requested', data: { by: actor.name, reason } }],
    detail: { reason },
  };
}

async function resume(
  transaction: Queryable,
  row: RolloutRow,
  { bundle, retryFailed }: Extract<Steering, { action: 'resume' }>,
  actor: Actor,
): Promise<Change | null> {
  const isNewBundle = bundle !== null && bundle !== row.bundle_digest;
  if (!isNewBundle && !retryFailed && RUNNING.includes(row.status)) return null;
  // Another bundle while targets run would leave it open which of the two a target has been given.
  const held: RolloutStatus[] = ['paused', 'stopped'];
  if (retryFailed) held.push('failed');
  requireStatus(row, 'resume', isNewBundle ? held : [...held, 'pausing', 'stopping', ...(retryFailed ? RUNNING : [])]);
  if (isNewBundle) await requireNothingChanged(transaction, row, bundle);
  const retried = retryFailed ? await retryAmiss(transaction, row.id) : 0;
  // Asked for twice: it goes on already, or there is nothing to go on with.
  if (retried === 0 && !isNewBundle && (RUNNING.includes(row.status) || row.status === 'failed')) return null;
  const voided = isNewBundle ? await voidApprovals(transaction, row.id) : 0;
  const isEarly = row.not_before !== null && row.not_before.getTime() > Date.now();
  const since = new Date().toISOString();
  return {
    row: {
      status: isEarly ? 'scheduled' : 'running',
      status_reason: null,
      failures: 0,
      moving_since: new Date(),
      // What comes again, or with another bundle, has to be approved anew.
      ...(retried > 0 || isNewBundle ? { approved_wave: 0 } : {}),
      ...(isNewBundle
        ? { bundle_digest: bundle, bundles: [...row.bundles, { digest: bundle, since, by: actor.name }] }
        : {}),
    },
    events: [
      { type: 'resumed', data: { by: actor.name, retried, bundle: isNewBundle ? bundle : null } },
      ...(voided > 0
        ? [{ type: 'approval_voided', data: { targets: voided, reason: 'Another bundle goes on.' } }]
        : []),
    ],
    detail: {
      retried,
      ...(voided > 0 ? { approvalsVoided: voided } : {}),
      ...(isNewBundle ? { bundle, bundleBefore: row.bundle_digest } : {}),
    },
  };
}

const RUNNING: readonly RolloutStatus[] = ['running', 'awaiting_approval'];

async function cancel(
  transaction: Queryable,
  row: RolloutRow,
  { reason }: Extract<Steering, { action: 'cancel' }>,
  actor: Actor,
): Promise<Change | null> {
  if (row.status === 'cancelling' || row.status === 'cancelled') return null;
  requireStatus(row, 'cancel', [
    'awaiting_approval',
    'scheduled',
    'running',
    'pausing',
    'paused',
    'stopping',
    'stopped',
  ]);
  const neverStarted = await cancelPending(transaction, row.id);
  return {
    row: { status: 'cancelling', status_reason: reasonOf(actor, reason ?? 'It was cancelled.') },
    events: [{ type: 'cancel_requested', data: { by: actor.name, reason, neverStarted } }],
    detail: { reason, neverStarted },
  };
}

async function reject(
  transaction: Queryable,
  row: RolloutRow,
  { reason }: Extract<Steering, { action: 'reject' }>,
  actor: Actor,
): Promise<Change | null> {
  const said = `${actor.name} rejected it: ${reason}`;
  if (row.status_reason?.reason === said) return null;
  if (row.waiting?.kind !== 'wave_approval' || row.waiting.wave === null) {
    throw new ControlPlaneError(
      'approval_not_awaited',
      `Rollout ${row.id} does not wait for an approval: it is ${row.status}. Nothing was changed.`,
      'A single deployment of it that waits is rejected by itself; a deployer can cancel the rollout.',
    );
  }
  const { wave } = row.waiting;
  const neverStarted = await cancelPending(transaction, row.id);
  return {
    row: { status: 'cancelling', status_reason: reasonOf(actor, said) },
    events: [{ type: 'rejected', data: { by: actor.name, wave, reason, neverStarted } }],
    detail: { wave, reason, neverStarted },
  };
}

function promote(row: RolloutRow, { wave }: Extract<Steering, { action: 'promote' }>, actor: Actor): Change {
  const next = row.open_wave + 1;
  const isAtGate = row.waiting?.kind === 'promotion' || (row.waiting?.kind === 'time' && row.gate_opens_at !== null);
  if (row.status !== 'running' || !isAtGate) {
    throw notSteerable(
      `Rollout ${row.id} is not waiting between two waves (${row.status}, wave ${row.open_wave}). Nothing was changed.`,
      'It can be promoted when a wave has ended and the next one waits: its waitingFor is then of the kind promotion or time.',
    );
  }
  if (wave !== null && wave !== next) {
    throw notSteerable(
      `Rollout ${row.id} waits before wave ${next}, not before wave ${wave}. Nothing was changed.`,
      'Look at it again, and promote the wave that it waits for.',
    );
  }
  return {
    row: { promoted_wave: next },
    events: [{ type: 'promoted', data: { by: actor.name, wave: next } }],
    detail: { wave: next },
  };
}

async function skip(
  transaction: Queryable,
  row: RolloutRow,
  { targets, reason }: Extract<Steering, { action: 'skip' }>,
  actor: Actor,
): Promise<Change | null> {
  if (row.status === 'cancelled' || row.status === 'succeeded' || row.status === 'cancelling') {
    throw notSteerable(
      `Rollout ${row.id} has ended (${row.status}): there is nothing to skip. Nothing was changed.`,
      'Look at its targets: each has its outcome.',
    );
  }
  const skipped = await skipTargets(transaction, row.id, targets, { by: actor.name, reason });
  if (skipped.length === 0) return null;
  return {
    row: row.status === 'failed' ? { status: 'running' } : {},
    events: skipped.map(({ target, wave }) => ({
      type: 'target_skipped',
      data: { target, wave, by: actor.name, reason },
    })),
    waves: skipped.map(({ wave }) => wave),
    detail: { targets: skipped.map(({ target }) => target), reason },
  };
}

function requireStatus(row: RolloutRow, action: string, allowed: readonly RolloutStatus[]): void {
  if (allowed.includes(row.status)) return;
  throw notSteerable(
    `Rollout ${row.id} is ${row.status}, so it cannot ${action}. Nothing was changed.`,
    HINTS[row.status] ?? `It can ${action} while it is ${allowed.join(', ')}.`,
  );
}

const HINTS: Partial<Record<RolloutStatus, string>> = {
  cancelled: 'Begin a new rollout over the same targets: those that have the files already have nothing to do.',
  succeeded: 'It has come to its end. A new bundle is a new rollout.',
  failed:
    'It has come to its end, and some targets failed: retry-failed tries these again, with another bundle if you give one.',
  awaiting_approval: 'For another bundle pause it first, and wait until it is paused.',
  running: 'For another bundle pause it first, and wait until it is paused.',
  stopping: 'It lets end what runs: wait until it is stopped.',
  pausing: 'It lets end what runs: wait until it is paused.',
  cancelling: 'It is being cancelled: wait for its end, then begin a new rollout over the same targets.',
};

/** What cannot be done with a rollout as it stands. */
export function notSteerable(message: string, hint: string): ControlPlaneError {
  return new ControlPlaneError('rollout_not_steerable', message, hint);
}

function rolloutUnknown(id: string): ControlPlaneError {
  return new ControlPlaneError(
    'rollout_unknown',
    `There is no rollout ${id}. Nothing was changed.`,
    'GET /v1/rollouts lists those there are.',
  );
}
