import type { ControlDatabase } from '../database/control-database.ts';
import { LAST_DEPLOYMENT, lastDeployment } from '../deployments/last-deployment.ts';
import type { Labels } from '../targets/labels.ts';
import { type FleetTarget, stateOf } from './group-fleet.ts';

interface FleetRow {
  name: string;
  labels: Labels;
  last_file: string | null;
  known: number | null;
  wanted: number;
  changed: string[] | null;
  missing: string[] | null;
  fingerprint: string | null;
  read_at: Date | null;
  last_deployment: { id: string; status: string; createdAt: string } | null;
}

const MOVING = new Set(['scheduled', 'queued', 'running', 'cancelling']);

/**
 * Every target that has all of `labels` and that the caller may see, by name: what is applied there, and what it lacks
 * of a bundle.
 * @param bundle a digest; null: no comparison
 */
export async function findFleet(
  { pool }: ControlDatabase,
  query: { readonly bundle: string | null; readonly labels: Labels; readonly allowed: Labels },
): Promise<FleetTarget[]> {
  const { rows } = await pool.query<FleetRow>(
    `WITH wanted AS (SELECT path, sha256 FROM control_plane.bundle_files
       WHERE bundle_digest = $1 AND path LIKE 'deployment/%.sql')
     SELECT t.name, t.labels, l.read_at, f.*, (SELECT count(*)::int FROM wanted) AS wanted,
       ${lastDeployment('t', LAST_DEPLOYMENT, 'NOT d.dry_run')} AS last_deployment
     FROM control_plane.targets t LEFT JOIN control_plane.target_ledgers l ON l.target_id = t.id
     LEFT JOIN LATERAL (
       SELECT count(w.path)::int AS known, max(f.path COLLATE "C") AS last_file,
         encode(sha256(convert_to(coalesce(string_agg(f.path || ' ' || coalesce(f.sha256, ''), chr(10)
           ORDER BY f.path COLLATE "C"), ''), 'UTF8')), 'hex') AS fingerprint,
         (array_agg(f.path ORDER BY f.path COLLATE "C") FILTER (WHERE w.sha256 <> f.sha256))[1:20] AS changed,
         (array_agg(f.path ORDER BY f.path COLLATE "C") FILTER (WHERE w.path IS NULL))[1:20] AS missing
       FROM jsonb_to_recordset(l.files) AS f (path text, sha256 text) LEFT JOIN wanted w ON w.path = f.path
       WHERE f.path LIKE 'deployment/%') f ON l.target_id IS NOT NULL
     WHERE t.removed_at IS NULL AND t.labels @> $2 AND t.labels @> $3
     ORDER BY t.name`,
    [query.bundle, JSON.stringify(query.labels), JSON.stringify(query.allowed)],
  );
  return rows.map((row) => toFleetTarget(row, query.bundle !== null));
}

function toFleetTarget(row: FleetRow, isCompared: boolean): FleetTarget {
  const isSeen = row.read_at !== null;
  const ordinal = /^deployment\/(\d+)-/.exec(row.last_file ?? '')?.[1];
  const seen = {
    target: row.name,
    labels: row.labels,
    ordinal: ordinal === undefined ? null : Number(ordinal),
    lastFile: row.last_file,
    pending: isSeen && isCompared ? row.wanted - (row.known ?? 0) : null,
    changed: isCompared ? (row.changed ?? []) : [],
    missing: isCompared ? (row.missing ?? []) : [],
    fingerprint: isSeen ? (row.fingerprint?.slice(0, 16) ?? null) : null,
    lastDeployment: row.last_deployment,
    lastContact: row.read_at?.toISOString() ?? null,
    isMoving: MOVING.has(row.last_deployment?.status ?? ''),
  };
  const { isMoving: _, ...shown } = seen;
  return { ...shown, state: stateOf(seen) };
}
