import type { ControlDatabase } from '../database/control-database.ts';
import { lastDeployment } from '../deployments/last-deployment.ts';
import type { Labels } from '../targets/labels.ts';

/** What stands at a file's place in a target's `states`. */
export const FILE_STATES = {
  a: 'applied',
  p: 'pending: not applied',
  c: 'applied with other bytes than those of the bundle or, without a bundle, than most targets have',
  f: 'not applied: the last deployment failed in this file',
  m: 'applied, and missing in the bundle',
  '?': 'never seen: no worker has read the target’s ledger as yet',
} as const;

/** Files of deployment/ across targets, one letter for each. */
export interface FleetFiles {
  /** The newest last. `sha256` is the bundle's; null where it lacks the file. Without a bundle it is that of most targets. */
  readonly files: readonly { readonly path: string; readonly sha256: string | null }[];
  /** By name. A target's `states` has one of FILE_STATES for each of `files`, in their order. */
  readonly targets: readonly { readonly target: string; readonly states: string }[];
}

const FAILED_IN = `CASE WHEN d.status IN ('failed', 'needs_attention') THEN d.failure ->> 'file' END`;

interface FilesRow {
  files: FleetFiles['files'] | null;
  targets: FleetFiles['targets'] | null;
}

/**
 * The last files of deployment/ that the bundle has or some target knows, and how each target stands to each. Of a target's
 * ledger no more than the last `last` files are looked at: those before them are not among the last of all.
 * @param last how many files
 * @param bundle a digest; null: no bundle to hold the ledgers against
 */
export async function findFleetFiles(
  { pool }: ControlDatabase,
  query: { readonly bundle: string | null; readonly labels: Labels; readonly allowed: Labels; readonly last: number },
): Promise<FleetFiles> {
  const { rows } = await pool.query<FilesRow>(
    `WITH fleet AS MATERIALIZED (
       SELECT t.id, t.name, l.target_id IS NOT NULL AS is_seen,
         ${lastDeployment('t', FAILED_IN, 'NOT d.dry_run')} AS failed_in
       FROM control_plane.targets t LEFT JOIN control_plane.target_ledgers l ON l.target_id = t.id
       WHERE t.removed_at IS NULL AND t.labels @> $2 AND t.labels @> $3
     ), seen AS MATERIALIZED (
       SELECT fleet.id, f.path, f.sha256 FROM fleet JOIN control_plane.target_ledgers l ON l.target_id = fleet.id
       CROSS JOIN LATERAL (SELECT path, sha256 FROM jsonb_to_recordset(l.files) AS f (path text, sha256 text)
         WHERE path LIKE 'deployment/%' ORDER BY path COLLATE "C" DESC LIMIT $4) f
     ), wanted AS MATERIALIZED (
       SELECT path, sha256 FROM control_plane.bundle_files
       WHERE bundle_digest = $1 AND path LIKE 'deployment/%.sql' ORDER BY path COLLATE "C" DESC LIMIT $4
     ), known AS (
       SELECT path, mode() WITHIN GROUP (ORDER BY sha256) AS sha256 FROM seen GROUP BY path
     ), files AS MATERIALIZED (
       SELECT path, CASE WHEN $1::text IS NULL THEN known.sha256 ELSE wanted.sha256 END AS sha256,
         wanted.path IS NOT NULL AS is_wanted
       FROM (SELECT path FROM known UNION SELECT path FROM wanted
             UNION SELECT failed_in FROM fleet WHERE failed_in LIKE 'deployment/%.sql') paths
       LEFT JOIN known USING (path) LEFT JOIN wanted USING (path) ORDER BY path COLLATE "C" DESC LIMIT $4
     ), standing AS (
       SELECT fleet.name, string_agg(CASE
           WHEN seen.path IS NOT NULL AND $1::text IS NOT NULL AND NOT files.is_wanted THEN 'm'
           WHEN seen.sha256 <> files.sha256 THEN 'c'
           WHEN seen.path IS NOT NULL THEN 'a'
           WHEN fleet.failed_in = files.path THEN 'f'
           WHEN fleet.is_seen THEN 'p'
           ELSE '?' END, '' ORDER BY files.path COLLATE "C") AS states
       FROM fleet CROSS JOIN files LEFT JOIN seen ON seen.id = fleet.id AND seen.path = files.path
       GROUP BY fleet.id, fleet.name
     ) SELECT
       (SELECT jsonb_agg(jsonb_build_object('path', path, 'sha256', sha256) ORDER BY path COLLATE "C") FROM files) AS files,
       (SELECT jsonb_agg(jsonb_build_object('target', fleet.name, 'states', coalesce(states, '')) ORDER BY fleet.name)
        FROM fleet LEFT JOIN standing USING (name)) AS targets`,
    [query.bundle, JSON.stringify(query.labels), JSON.stringify(query.allowed), query.last],
  );
  return { files: rows[0]?.files ?? [], targets: rows[0]?.targets ?? [] };
}
