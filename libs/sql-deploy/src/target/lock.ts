import { SqlDeployError } from '../errors.ts';
import type { TargetOptions } from '../execute/options.ts';
import { pause } from './connect.ts';
import { isServerError } from './server-error.ts';
import type { Session } from './session.ts';
import { bearsName, runIdIn } from './session-name.ts';

/**
 * The key of the advisory lock on a target, the same for every run. Advisory locks are local to a database,
 * so it needs no name in it. Made once from the first eight bytes of SHA-256('postgres-manager'), shifted right by one bit.
 */
export const LOCK_KEY = '5410961019086429714';

const DEFAULT_LOCK_WAIT_MS = 30_000;
const FIRST_POLL_MS = 50;
const LONGEST_POLL_MS = 1000;
/** How long an ended backend may take to let go. */
const EVICTION_MS = 5000;

/**
 * Waits for the target's lock by asking again and again: a waiter that blocks holds a snapshot,
 * and CREATE INDEX CONCURRENTLY in the run that has the lock would wait for that in turn.
 * A holder that was given up on is ended.
 * @throws SqlDeployError lock_busy, naming the holder; cancelled
 */
export async function waitForLock(session: Session, options: TargetOptions): Promise<void> {
  const started = performance.now();
  const evictions = new Evictions(session, options);
  let limit = options.lockWaitMs ?? DEFAULT_LOCK_WAIT_MS;
  let pollMs = FIRST_POLL_MS;
  for (;;) {
    const holder = await lockHolder(session);
    const waitedMs = performance.now() - started;
    // Its backend needs a moment to roll back, also for someone who would not have waited at all.
    if (await evictions.evict(holder)) limit = Math.max(limit, waitedMs + EVICTION_MS);
    if (waitedMs >= limit) throw busy(holder, waitedMs, evictions.refused);
    options.onEvent?.({ type: 'waiting_for_lock', holder: holder.description, waitedMs: Math.round(waitedMs) });
    await pause(Math.min(pollMs * (0.5 + Math.random()), limit - waitedMs + 1), options.signal);
    pollMs = Math.min(pollMs * 2, LONGEST_POLL_MS);
    if (await tryLock(session)) return;
  }
}

async function tryLock(session: Session): Promise<boolean> {
  const [got] = await session.row(`SELECT pg_catalog.pg_try_advisory_lock(${LOCK_KEY})`);
  return got === 't';
}

function busy(holder: LockHolder, waitedMs: number, evictionRefused: boolean): SqlDeployError {
  const waited = `waited ${Math.round(waitedMs / 1000)} s. Nothing was changed.`;
  if (evictionRefused) {
    return new SqlDeployError(
      'lock_busy',
      `A run that was given up on still holds the lock on this target (${holder.description}), and this role may not end it; ${waited}`,
      'End that backend with pg_terminate_backend; or let this role do it: it needs to be that role, or a member of pg_signal_backend.',
    );
  }
  return new SqlDeployError(
    'lock_busy',
    `Another run holds the lock on this target (${holder.description}); ${waited}`,
    'Wait for that run to end, then run again; --lock-wait sets how long to wait. A run whose client died lets go by itself once its statement ends.',
  );
}

/** Who has the lock. */
interface LockHolder {
  readonly pid: number | null;
  readonly runId: string | null;
  /** For people: process, application, user, address, since when. */
  readonly description: string;
}

async function lockHolder(session: Session): Promise<LockHolder> {
  const [pid, application, user, address, since] = await session.row(`
    SELECT l.pid, a.application_name, a.usename, coalesce(a.client_addr::text, 'local'),
           pg_catalog.to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
    WHERE ${lockRowCondition('l')} AND l.granted AND l.pid <> pg_catalog.pg_backend_pid() LIMIT 1`);
  if (pid === undefined || pid === null) return { pid: null, runId: null, description: 'its holder has just let go' };
  return {
    pid: Number(pid),
    runId: runIdIn(application ?? ''),
    description: `backend ${pid}: ${application ?? 'unknown'}, user ${user ?? 'unknown'}, from ${address}, connected since ${since ?? 'unknown'}`,
  };
}

/** Ends backends that hold the lock for a run that was given up on. */
class Evictions {
  /** The server did not let this role do it. */
  refused = false;
  readonly #session: Session;
  readonly #options: TargetOptions;
  readonly #evicted = new Set<number>();

  constructor(session: Session, options: TargetOptions) {
    this.#session = session;
    this.#options = options;
  }

  /** @returns whether this holder was told to end just now, for the first time */
  async evict({ pid, runId, description }: LockHolder): Promise<boolean> {
    this.refused = false;
    if (pid === null || runId === null || this.#options.isAbandoned?.(runId) !== true) return false;
    if (!(await this.#terminate(pid, runId)) || this.#evicted.has(pid)) return false;
    this.#evicted.add(pid);
    this.#options.onEvent?.({ type: 'evicted', holder: description });
    return true;
  }

  /** Only while it still holds the lock under the name of that run: the process id may be somebody else's by now. */
  async #terminate(pid: number, runId: string): Promise<boolean> {
    try {
      const [ended] = await this.#session.row(`SELECT pg_catalog.pg_terminate_backend(l.pid)
        FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
        WHERE ${lockRowCondition('l')} AND l.granted AND l.pid = ${pid}
          AND ${bearsName('a.application_name', runId)}
        LIMIT 1`);
      return ended === 't';
    } catch (error) {
      if (!isServerError(error) || error.code !== '42501') throw error;
      this.refused = true;
      return false;
    }
  }
}

/** What picks the lock's row in pg_locks: a bigint key is shown in halves. */
export function lockRowCondition(alias: string): string {
  const key = BigInt(LOCK_KEY);
  return `${alias}.locktype = 'advisory' AND ${alias}.objsubid = 1
    AND ${alias}.classid = ${key >> 32n}::oid AND ${alias}.objid = ${key & 0xffffffffn}::oid
    AND ${alias}.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())`;
}

/** True where this session has the target's lock. */
export const HAS_THE_LOCK = `EXISTS (SELECT FROM pg_catalog.pg_locks l
  WHERE l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid() AND ${lockRowCondition('l')})`;

/** True where this session has the target's lock; lets go of every other advisory lock that a file left it with. */
export const KEEPS_ONLY_THE_LOCK = `(SELECT coalesce(pg_catalog.bool_or(mine.is_ours), false) AND pg_catalog.count(mine.let_go) >= 0
  FROM (SELECT ${lockRowCondition('l')} AS is_ours, CASE WHEN NOT (${lockRowCondition('l')}) THEN
      CASE WHEN l.objsubid = 1 AND l.mode = 'ShareLock'
        THEN pg_catalog.pg_advisory_unlock_shared((l.classid::bigint << 32) | l.objid::bigint)
      WHEN l.objsubid = 1 THEN pg_catalog.pg_advisory_unlock((l.classid::bigint << 32) | l.objid::bigint)
      WHEN l.mode = 'ShareLock' THEN pg_catalog.pg_advisory_unlock_shared(l.classid::integer, l.objid::integer)
      ELSE pg_catalog.pg_advisory_unlock(l.classid::integer, l.objid::integer) END END AS let_go
    FROM pg_catalog.pg_locks l
    WHERE l.locktype = 'advisory' AND l.granted AND l.pid = pg_catalog.pg_backend_pid()) AS mine)`;
