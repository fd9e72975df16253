/** What a worker saw of a target while it was there. */
export interface TargetSeen {
  readonly systemIdentifier: string | null;
  readonly database: string;
  readonly serverVersion: string;
  readonly createState: 'not_started' | 'started' | 'complete';
  readonly files: readonly LedgerFile[];
}

/** One applied file, as the target's ledger has it. */
export interface LedgerFile {
  readonly path: string;
  readonly sha256: string | null;
  readonly origin: string;
  /** ISO 8601, UTC. */
  readonly appliedAt: string;
  readonly appliedBy: string;
  readonly durationMs: number | null;
  /** Left out where an older process wrote it. */
  readonly deploymentId?: string | null;
}

/**
 * Keeps what was seen: needs `mine` (target_id) and a jsonb parameter. A file list of hundreds of kilobytes is
 * written only when it differs.
 */
export function seenWrites(parameter: string): string {
  return `seen AS (
    SELECT mine.target_id, s.* FROM mine, jsonb_to_record(${parameter}::jsonb) AS s ("systemIdentifier" text,
      database text, "serverVersion" text, "createState" text, files jsonb)
    WHERE ${parameter}::jsonb IS NOT NULL
  ), target_seen AS (
    UPDATE control_plane.targets t SET system_identifier = coalesce(seen."systemIdentifier", t.system_identifier),
      identity_database = seen.database, accept_identity = false
    FROM seen WHERE t.id = seen.target_id AND (t.identity_database IS DISTINCT FROM seen.database OR t.accept_identity
      OR t.system_identifier IS DISTINCT FROM coalesce(seen."systemIdentifier", t.system_identifier))
  ), ledger_seen AS (
    INSERT INTO control_plane.target_ledgers AS l (target_id, create_state, server_version, files, applied, last_file)
    SELECT seen.target_id, seen."createState", seen."serverVersion", seen.files, jsonb_array_length(seen.files),
      (SELECT jsonb_build_object('path', f ->> 'path', 'appliedAt', f ->> 'appliedAt')
       FROM jsonb_array_elements(seen.files) f WHERE f ->> 'path' LIKE 'deployment/%' ORDER BY f ->> 'path' DESC LIMIT 1)
    FROM seen
    ON CONFLICT (target_id) DO UPDATE SET create_state = excluded.create_state, server_version = excluded.server_version,
      applied = excluded.applied, last_file = excluded.last_file,
      files = CASE WHEN l.files = excluded.files THEN l.files ELSE excluded.files END, read_at = clock_timestamp()
  )`;
}
