import type { ControlDatabase } from '../database/control-database.ts';
import { lastDeployment } from '../deployments/last-deployment.ts';
import { type BundleViewer, visibleBundles } from './visible-bundles.ts';

/** A stored bundle as lists show it. Times are ISO 8601, UTC. */
export interface BundleSummary {
  readonly digest: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly files: number;
  readonly sizeBytes: number;
  /** How many problems the validator found. */
  readonly problems: number;
  /** Targets that the caller may see whose last deployment to succeed, dry runs aside, was of this bundle. */
  readonly targets: number;
}

/** Where a page ended: the last row's creation in microseconds since 1970, and its digest among equals. */
export interface BundleCursor {
  readonly createdMicros: string;
  readonly digest: string;
}

/**
 * Bundles that a key may see, newest first, from behind `after`. For a key that is limited by labels `limit` is how many are
 * looked at: of many that it may not see, a page has few, and the next is behind it.  Where they stand is asked once for each target, not for each deployment: it
 * costs the same however long the history is.
 */
export async function listBundles(
  { pool }: ControlDatabase,
  query: { readonly viewer: BundleViewer; readonly after: BundleCursor | null; readonly limit: number },
): Promise<{ items: BundleSummary[]; next: BundleCursor | null }> {
  const { viewer, after, limit } = query;
  const { ctes, condition } = visibleBundles('page.digest', '$1', '$3');
  const behind =
    after === null
      ? ''
      : `WHERE (created_at, digest) < ('epoch'::timestamptz + $4::bigint * interval '1 microsecond', $5::text)`;
  const { rows } = await pool.query<{
    digest: string;
    created_at: Date;
    created_micros: string;
    created_by: string;
    file_count: number;
    size_bytes: string;
    problems: number;
    targets: number;
    may_see: boolean;
  }>(
    `WITH ${ctes}, page AS MATERIALIZED (
       SELECT digest, created_at, created_by, file_count, size_bytes, problems FROM control_plane.bundles ${behind}
       ORDER BY created_at DESC, digest DESC LIMIT $2
     ), standing AS (
       SELECT last.bundle_digest AS digest, count(*)::int AS targets FROM control_plane.targets t
       CROSS JOIN LATERAL ${lastDeployment('t', 'd.bundle_digest', "d.status = 'succeeded' AND NOT d.dry_run")} last
       WHERE t.removed_at IS NULL AND t.labels @> $1 GROUP BY 1
     ) SELECT page.digest, created_at, (extract(epoch FROM created_at) * 1000000)::bigint AS created_micros, created_by,
         file_count, size_bytes, jsonb_array_length(problems) AS problems, coalesce(standing.targets, 0) AS targets, ${condition} AS may_see
       FROM page LEFT JOIN standing USING (digest) ORDER BY created_at DESC, page.digest DESC`,
    [
      JSON.stringify(viewer.labels),
      limit + 1,
      viewer.keyId,
      ...(after === null ? [] : [after.createdMicros, after.digest]),
    ],
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page
      .filter((row) => row.may_see)
      .map((row) => ({
        digest: row.digest,
        createdAt: row.created_at.toISOString(),
        createdBy: row.created_by,
        files: row.file_count,
        sizeBytes: Number(row.size_bytes),
        problems: row.problems,
        targets: row.targets,
      })),
    next:
      rows.length > limit && last !== undefined ? { createdMicros: last.created_micros, digest: last.digest } : null,
  };
}
