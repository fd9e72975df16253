import type { ControlDatabase } from '../database/control-database.ts';

/**
 * Files of deployment/ that a target has applied, as a worker last saw it, and that a bundle lacks: a deployment of it
 * would be refused there.
 * @returns paths in order, at most 20
 */
export async function findLacking({ pool }: ControlDatabase, targetName: string, digest: string): Promise<string[]> {
  const { rows } = await pool.query<{ path: string }>({
    name: 'find-lacking',
    text: `SELECT f.path FROM control_plane.targets t
      JOIN control_plane.target_ledgers l ON l.target_id = t.id,
        jsonb_to_recordset(l.files) AS f (path text)
      WHERE t.name = $1 AND t.removed_at IS NULL AND f.path LIKE 'deployment/%'
        AND NOT EXISTS (SELECT FROM control_plane.bundle_files b WHERE b.bundle_digest = $2 AND b.path = f.path)
      ORDER BY f.path COLLATE "C" LIMIT 20`,
    values: [targetName, digest],
  });
  return rows.map((row) => row.path);
}
