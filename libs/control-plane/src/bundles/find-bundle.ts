import { type Bundle, bundleFromFiles, type Problem } from '@postgres-manager/sql-deploy';
import type { ControlDatabase } from '../database/control-database.ts';
import type { Labels } from '../targets/labels.ts';

/** A stored bundle without its bytes. */
export interface BundleDetail {
  readonly digest: string;
  readonly problems: readonly Problem[];
  readonly sizeBytes: number;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly sizeBytes: number }[];
  /** Of its last 20,000 deployments the latest on each target that the caller may see, newest first. */
  readonly deployedTo: readonly {
    readonly target: string;
    readonly mode: string;
    readonly deployment: string;
    readonly status: string;
    readonly createdAt: string;
  }[];
}

/** How many targets `deployedTo` lists. */
const MOST_TARGETS = 1000;
/** How many deployments of a bundle are looked through for them, newest first: one may have been deployed for years. */
const MOST_DEPLOYMENTS = 20_000;

/** The validator's verdict on a stored bundle; null when there is none of that digest. It never changes: keep it. */
export async function findVerdict({ pool }: ControlDatabase, digest: string): Promise<readonly Problem[] | null> {
  const { rows } = await pool.query<{ problems: Problem[] }>(
    'SELECT problems FROM control_plane.bundles WHERE digest = $1',
    [digest],
  );
  return rows[0]?.problems ?? null;
}

/** A bundle, its files, and where it has been deployed; null when there is none of that digest. */
export async function findBundle(
  { pool }: ControlDatabase,
  digest: string,
  allowed: Labels,
): Promise<BundleDetail | null> {
  const [bundles, files, deployed] = await Promise.all([
    pool.query<{ problems: Problem[]; size_bytes: string; created_at: Date; created_by: string }>(
      'SELECT problems, size_bytes, created_at, created_by FROM control_plane.bundles WHERE digest = $1',
      [digest],
    ),
    pool.query<{ path: string; sha256: string; size_bytes: string }>(
      'SELECT path, sha256, size_bytes FROM control_plane.bundle_files WHERE bundle_digest = $1 ORDER BY path COLLATE "C"',
      [digest],
    ),
    pool.query<{ target_name: string; mode: string; id: string; status: string; created_at: Date }>(
      `SELECT * FROM (
         SELECT DISTINCT ON (d.target_id) d.target_name, d.mode, d.id, d.status, d.created_at
         FROM (SELECT * FROM control_plane.deployments d WHERE d.bundle_digest = $1
               ORDER BY d.created_at DESC, d.seq DESC LIMIT $4) d
         JOIN control_plane.targets t ON t.id = d.target_id
         WHERE NOT d.dry_run AND t.labels @> $2
         ORDER BY d.target_id, d.created_at DESC, d.seq DESC) latest
       ORDER BY created_at DESC LIMIT $3`,
      [digest, JSON.stringify(allowed), MOST_TARGETS, MOST_DEPLOYMENTS],
    ),
  ]);
  const bundle = bundles.rows[0];
  if (bundle === undefined) return null;
  return {
    digest,
    problems: bundle.problems,
    sizeBytes: Number(bundle.size_bytes),
    createdAt: bundle.created_at.toISOString(),
    createdBy: bundle.created_by,
    files: files.rows.map((row) => ({ path: row.path, sha256: row.sha256, sizeBytes: Number(row.size_bytes) })),
    deployedTo: deployed.rows.map((row) => ({
      target: row.target_name,
      mode: row.mode,
      deployment: row.id,
      status: row.status,
      createdAt: row.created_at.toISOString(),
    })),
  };
}

/**
 * A stored bundle with its bytes, as it was validated.
 * @returns null when there is none of that digest
 * @throws Error when what is stored is not what the digest says: then nothing of it may run
 */
export async function loadBundle({ pool }: ControlDatabase, digest: string): Promise<Bundle | null> {
  const { rows } = await pool.query<{ path: string; content: Buffer }>(
    `SELECT f.path, c.content FROM control_plane.bundle_files f JOIN control_plane.file_contents c USING (sha256)
     WHERE f.bundle_digest = $1`,
    [digest],
  );
  if (rows.length === 0 && (await findVerdict({ pool }, digest)) === null) return null;
  const bundle = bundleFromFiles(rows);
  if (bundle.digest !== digest) {
    throw new Error(`Bundle ${digest} does not read back as it was stored: its digest is now ${bundle.digest}.`);
  }
  return bundle;
}
