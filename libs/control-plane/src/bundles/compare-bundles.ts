import type { ControlDatabase } from '../database/control-database.ts';

/** How a file came to differ from one bundle to another. */
export type FileChange = 'added' | 'removed' | 'changed';

/** What tells one bundle from another: paths in order. */
export interface BundleDifference {
  readonly counts: Readonly<Record<FileChange | 'same', number>>;
  readonly files: readonly {
    readonly path: string;
    readonly change: FileChange;
    /** Null where it is not in that bundle. */
    readonly from: string | null;
    readonly to: string | null;
  }[];
}

/**
 * Compares the files of two stored bundles by their digests. A bundle that is not there has no files.
 * @param most how many files are listed; all are counted
 */
export async function compareBundles(
  { pool }: ControlDatabase,
  from: string,
  to: string,
  most: number,
): Promise<BundleDifference> {
  const { rows } = await pool.query<{
    counts: Partial<Record<FileChange | 'same', number>> | null;
    files: BundleDifference['files'] | null;
  }>(
    `WITH compared AS MATERIALIZED (
       SELECT path, a.sha256 AS "from", b.sha256 AS "to", CASE WHEN a.path IS NULL THEN 'added'
         WHEN b.path IS NULL THEN 'removed' WHEN a.sha256 = b.sha256 THEN 'same' ELSE 'changed' END AS change
       FROM (SELECT path, sha256 FROM control_plane.bundle_files WHERE bundle_digest = $1) a
       FULL JOIN (SELECT path, sha256 FROM control_plane.bundle_files WHERE bundle_digest = $2) b USING (path)
     ) SELECT
       (SELECT jsonb_object_agg(change, count) FROM (SELECT change, count(*) FROM compared GROUP BY change) c) AS counts,
       (SELECT jsonb_agg(to_jsonb(d) ORDER BY d.path COLLATE "C") FROM (
          SELECT path, change, "from", "to" FROM compared WHERE change <> 'same' ORDER BY path COLLATE "C" LIMIT $3) d) AS files`,
    [from, to, most],
  );
  const { counts, files } = rows[0] ?? {};
  return { counts: { added: 0, removed: 0, changed: 0, same: 0, ...counts }, files: files ?? [] };
}
