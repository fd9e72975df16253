import { setTimeout as pause } from 'node:timers/promises';
import type { Actor } from '../audit/actor.ts';
import type { ControlDatabase } from '../database/control-database.ts';
import { type Head, headsOfLinesOf } from '../deployments/line.ts';
import { isFinal } from '../deployments/states.ts';
import { requestCancel } from '../deployments/transitions/cancel.ts';
import { ControlPlaneError } from '../errors.ts';
import type { Bell } from '../queue/bell.ts';
import type { Moved } from './transitions/carry-on.ts';
import { findAwaitingRollouts, findFrozenRollouts, findRolloutsToMove, moveRollout } from './transitions/move.ts';

const MOST_AT_ONCE = 100;
/** How long, in ms, a rollout that is in no hurry rests after a move, for more ends to share the next one. */
const REST_MS = 15;
/** Whoever has waited so long for a worker, in ms, has others waiting behind it, and more than a rest's worth of them. */
const BACKLOG_MS = 2 * REST_MS;

/**
 * Moves rollouts when something has ended, and rings for what they start. In one process one move of a rollout is under
 * way at a time, and takes all that ended meanwhile: fifty that end together share a move. Whatever is lost with the
 * process, another finds by `moveOverdue`.
 */
export class RolloutMover {
  readonly #db: ControlDatabase;
  readonly #bell: Bell;
  readonly #onError: (error: unknown) => void;
  readonly #onRedisError: (message: string) => void;
  /** Of each rollout that is being moved: whether it is to be moved again, and whether that is for one in a hurry. */
  readonly #moving = new Map<string, { again: boolean; hurries: boolean }>();
  readonly #work = new Set<Promise<void>>();

  /**
   * @param on.error told of what kept a move from being made: the control database being away, or a defect
   * @param on.redisError told why nobody could be rung, by its message alone: whoever reconciles rings then
   */
  constructor(
    db: ControlDatabase,
    bell: Bell,
    on: { readonly error: (error: unknown) => void; readonly redisError: (message: string) => void },
  ) {
    this.#db = db;
    this.#bell = bell;
    this.#onError = on.error;
    this.#onRedisError = on.redisError;
  }

  /**
   * Something of this rollout has ended: it is moved soon. Nobody waits for it.
   * @param waitedMs how long what ended had waited for a worker: where that is long, workers have enough to do
   */
  move(rolloutId: string, waitedMs = 0): void {
    const hurries = waitedMs < BACKLOG_MS;
    const moving = this.#moving.get(rolloutId);
    if (moving !== undefined) Object.assign(moving, { again: true, hurries: moving.hurries || hurries });
    else this.#track(this.#moveUntilStill(rolloutId, hurries));
  }

  /** Someone has moved it in a transaction of their own: what is left is to tell, to ring and to cancel. */
  moved(rolloutId: string, moved: Moved): void {
    this.#track(this.#follow(rolloutId, moved));
  }

  /** Moves those that nobody moved. Rejects when the control database is away. */
  async moveOverdue(): Promise<void> {
    for (const id of await findRolloutsToMove(this.#db, MOST_AT_ONCE)) this.move(id);
  }

  /** A freeze was lifted: moves those that waited for it. */
  async moveFrozen(): Promise<void> {
    for (const id of await findFrozenRollouts(this.#db, MOST_AT_ONCE)) this.move(id);
  }

  /** A protection was removed: moves those that waited for an approval. */
  async moveAwaiting(): Promise<void> {
    for (const id of await findAwaitingRollouts(this.#db, MOST_AT_ONCE)) this.move(id);
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  #track(work: Promise<void>): void {
    const tracked = work.catch(this.#onError).finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }

  async #moveUntilStill(id: string, hurries: boolean): Promise<void> {
    const moving = { again: true, hurries };
    this.#moving.set(id, moving);
    try {
      while (moving.again) {
        const hurried = moving.hurries;
        Object.assign(moving, { again: false, hurries: false });
        await this.#follow(id, await moveRollout(this.#db, id));
        if (!hurried && !moving.hurries) await pause(REST_MS);
      }
    } finally {
      this.#moving.delete(id);
    }
  }

  async #follow(id: string, { started, heads, cancelling, changed }: Moved): Promise<void> {
    if (changed) this.#bell.tell({ deploymentIds: [...started], cancel: false, rolloutIds: [id] });
    await this.#ring(heads);
    const alone = new Set(heads.map((head) => head.id));
    const behind = started.filter((deployment) => !alone.has(deployment));
    if (behind.length > 0) {
      // One of a higher priority may still be the head.
      const joined = new Set(behind);
      const first = await headsOfLinesOf(this.#db.pool, behind);
      await this.#ring(first.filter((head) => joined.has(head.id)));
    }
    if (cancelling) await this.#cancelStarted(id);
  }

  async #ring(heads: readonly Head[]): Promise<void> {
    if (heads.length === 0) return;
    await this.#bell.ring(heads).catch((error: unknown) => {
      this.#onRedisError(error instanceof Error ? error.message : String(error));
    });
  }

  /** Cancels all that is under way; asked again it goes on with what is left. */
  async #cancelStarted(id: string): Promise<void> {
    const { rows } = await this.#db.pool.query<{ deployment_id: string; by: string | null }>({
      name: 'find-started-of-rollout',
      text: `SELECT m.deployment_id, r.status_reason ->> 'by' AS by FROM control_plane.rollout_targets m
        JOIN control_plane.rollouts r ON r.id = m.rollout_id JOIN control_plane.deployments d ON d.id = m.deployment_id
        WHERE m.rollout_id = $1 AND m.state = 'started' AND d.status <> 'cancelling'`,
      values: [id],
    });
    const ended: string[] = [];
    for (const { deployment_id: deploymentId, by } of rows) {
      const actor: Actor = { name: by ?? 'rollout', keyId: null, requestId: null };
      if (await this.#cancelOne(deploymentId, actor)) ended.push(deploymentId);
    }
    if (rows.length > 0) this.#bell.tell({ deploymentIds: rows.map((row) => row.deployment_id), cancel: true });
    if (ended.length === 0) return;
    await this.#ring(await headsOfLinesOf(this.#db.pool, ended));
    this.move(id);
  }

  /** @returns whether it is cancelled already */
  async #cancelOne(deploymentId: string, actor: Actor): Promise<boolean> {
    try {
      const cancelled = await requestCancel(this.#db, deploymentId, actor);
      return cancelled !== null && isFinal(cancelled.status);
    } catch (error) {
      if (error instanceof ControlPlaneError && error.code === 'deployment_final') return false;
      throw error;
    }
  }
}
