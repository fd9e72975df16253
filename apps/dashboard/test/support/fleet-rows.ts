import type { TestDatabase } from '../../../../test-support/test-database.ts';

/**
 * Enters targets as workers would have left them, straight into the control database: for size. Of every hundred one
 * failed, one was changed, three are behind, and one was never seen; each tenth `shard` is a group.
 * @param bundle a digest whose deployment/ files they are at
 */
export async function enterTargets(control: TestDatabase, count: number, bundle: string): Promise<void> {
  await control.query(
    `INSERT INTO control_plane.targets (name, labels, dsn_env, host, port, database_name)
     SELECT 'shop-' || lpad(n::text, 4, '0'),
       jsonb_build_object('env', CASE WHEN n % 10 = 0 THEN 'staging' ELSE 'production' END,
         'region', (ARRAY['eu-west', 'eu-north', 'us-east', 'ap-south'])[1 + n % 4], 'shard', (n % 10)::text),
       'SHOP_' || n, 'db' || n % 40 || '.example.internal', 5432, 'shop'
     FROM generate_series(1, $1::int) n`,
    [count],
  );
  await control.query(
    `WITH files AS (
       SELECT path, sha256, (row_number() OVER (ORDER BY path))::int AS place, (count(*) OVER ())::int AS total
       FROM control_plane.bundle_files WHERE bundle_digest = $1 AND path LIKE 'deployment/%'),
     seen AS (
       SELECT t.id, substr(t.name, 6)::int AS n FROM control_plane.targets t
       WHERE t.name LIKE 'shop-%' AND substr(t.name, 6)::int % 100 <> 99)
     INSERT INTO control_plane.target_ledgers (target_id, create_state, server_version, files, applied, last_file, read_at)
     SELECT s.id, 'none', '17.2', jsonb_agg(jsonb_build_object('path', f.path, 'sha256',
         CASE WHEN s.n % 100 = 50 AND f.place = 2 THEN repeat('0', 64) ELSE f.sha256 END,
         'origin', 'run', 'appliedAt', now()) ORDER BY f.path),
       count(*)::int, NULL, now() - make_interval(mins => s.n)
     FROM seen s JOIN files f ON f.place <= f.total - CASE WHEN s.n % 100 IN (7, 23, 61) THEN 1 + s.n % 3
       WHEN s.n % 100 = 33 THEN 1 ELSE 0 END
     GROUP BY s.id, s.n`,
    [bundle],
  );
  await control.query(
    `INSERT INTO control_plane.deployments (target_id, target_name, mode, bundle_digest, status, created_by, created_at,
       started_at, finished_at, failure)
     SELECT t.id, t.name, 'deployment', $1, CASE WHEN n % 100 = 33 THEN 'failed' ELSE 'succeeded' END, 'tester',
       at, at, at + interval '2 s', CASE WHEN n % 100 = 33 THEN '{"file": "deployment/00011-step.sql", "line": 3,
         "column": 14, "sourceLine": "ALTER TABLE tbl_rooom ADD COLUMN floor integer;", "sqlstate": "42P01",
         "code": "statement_failed", "message": "relation \\"tbl_rooom\\" does not exist",
         "hint": "Mend the file and deploy again: what it had begun is rolled back."}'::jsonb END
     FROM control_plane.targets t, LATERAL (SELECT substr(t.name, 6)::int AS n) x,
       LATERAL (SELECT now() - make_interval(mins => n) AS at) y
     WHERE t.name LIKE 'shop-%' AND n % 100 <> 99`,
    [bundle],
  );
  // As the server does by itself a little later: what it takes the tables for decides how it reads them.
  await control.query('ANALYZE');
}

/** A bundle with so many files in deployment/. */
export function bundleOf(count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, n) => [
      `deployment/${String(n).padStart(5, '0')}-step.sql`,
      `CREATE TABLE step_${n} (id integer);\n`,
    ]),
  );
}
