import type { ControlDatabase } from '../database/control-database.ts';

/** One file of a stored bundle. */
export interface StoredFile {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** The first bytes, as many as were asked for. */
  readonly head: Uint8Array;
}

/**
 * A file of a bundle with its first bytes; null when there is no such bundle, or it has no file of that path.
 * @param mostBytes how much of it is read
 */
export async function findBundleFile(
  { pool }: ControlDatabase,
  digest: string,
  path: string,
  mostBytes: number,
): Promise<StoredFile | null> {
  const { rows } = await pool.query<{ sha256: string; size_bytes: string; head: Buffer }>(
    `SELECT f.sha256, f.size_bytes, substring(c.content FROM 1 FOR $3) AS head
     FROM control_plane.bundle_files f JOIN control_plane.file_contents c USING (sha256)
     WHERE f.bundle_digest = $1 AND f.path = $2`,
    [digest, path, mostBytes],
  );
  const row = rows[0];
  if (row === undefined) return null;
  return { path, sha256: row.sha256, sizeBytes: Number(row.size_bytes), head: row.head };
}
