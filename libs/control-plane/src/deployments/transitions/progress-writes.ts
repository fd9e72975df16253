import { ControlPlaneError } from '../../errors.ts';
import type { Step } from '../deployment.ts';

/** Something that happened: `at` is ISO 8601. */
export interface NewEvent {
  readonly at: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A step as it stands now; its attempt is the current one. */
export type StepUpdate = Omit<Step, 'attempt'> & {
  /** 1-based place in the plan. */
  readonly position: number;
};

/** What a worker has to tell besides a status. */
export interface Progress {
  /** At most one update for each path. */
  readonly steps: readonly StepUpdate[];
  readonly events: readonly NewEvent[];
  readonly backendPid: number | null;
  readonly serverVersion: string | null;
}

export const NO_PROGRESS: Progress = { steps: [], events: [], backendPid: null, serverVersion: null };

/** Which deployment a worker writes about, by the right it was given. */
export interface Held {
  readonly id: string;
  readonly epoch: number;
}

/** Parameters $3 to $6 of every statement that writes progress: steps, events, backend, server. */
export function progressValues(progress: Progress): unknown[] {
  return [JSON.stringify(progress.steps), JSON.stringify(progress.events), progress.backendPid, progress.serverVersion];
}

/** The steps and events: needs `mine` (id, attempt, events_before) and the parameters $3 and $4. */
export const PROGRESS_WRITES = `step AS (
    INSERT INTO control_plane.steps (deployment_id, path, position, sha256, transactional, statement_count, status,
      attempt, started_at, finished_at, duration_ms, failure)
    SELECT mine.id, s.path, s.position, s.sha256, s.transactional, s."statementCount", s.status, mine.attempt,
      s."startedAt", s."finishedAt", s."durationMs", nullif(s.failure, 'null'::jsonb)
    FROM mine, jsonb_to_recordset($3::jsonb) AS s (path text, position integer, sha256 text, transactional boolean,
      "statementCount" integer, status text, "startedAt" timestamptz, "finishedAt" timestamptz,
      "durationMs" double precision, failure jsonb)
    ON CONFLICT (deployment_id, path) DO UPDATE SET position = excluded.position, sha256 = excluded.sha256,
      transactional = excluded.transactional, statement_count = excluded.statement_count, status = excluded.status,
      attempt = excluded.attempt, started_at = excluded.started_at, finished_at = excluded.finished_at,
      duration_ms = excluded.duration_ms, failure = excluded.failure
  ), event AS (
    INSERT INTO control_plane.events (deployment_id, number, at, type, data)
    SELECT mine.id, mine.events_before + e.place, (e.event ->> 'at')::timestamptz, e.event ->> 'type', e.event -> 'data'
    FROM mine, jsonb_array_elements($4::jsonb) WITH ORDINALITY AS e (event, place)
    ORDER BY e.place
  )`;

/** The attempt's backend: needs `mine` and the parameters $5 and $6. */
export const BACKEND_COLUMNS = `backend_pid = coalesce($5, a.backend_pid), server_version = coalesce($6, a.server_version)`;

/** What a worker hears that was given up on. */
export function leaseLost(held: Held): ControlPlaneError {
  return new ControlPlaneError(
    'lease_lost',
    `Deployment ${held.id} is no longer in this worker's hands (epoch ${held.epoch}): it was given up on, and another goes on with it.`,
    'Nothing is to be done: what this worker still had to say is void, and the ledger in the target is asked instead.',
  );
}

/** A value for a jsonb parameter; null stays SQL's null. */
export function json(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
