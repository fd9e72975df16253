import type { TestDatabase } from '../../../../test-support/test-database.ts';

/**
 * Enters deployments of the past straight into the control database, over the targets that `enterTargets` made: for
 * size. Those of every hundredth target failed; there is one every ten seconds.
 */
export async function enterDeployments(control: TestDatabase, count: number, bundle: string): Promise<void> {
  await control.query(
    `INSERT INTO control_plane.deployments (target_id, target_name, mode, bundle_digest, status, created_by, created_at,
       started_at, finished_at, summary, failure)
     SELECT t.id, t.name, 'deployment', $2, CASE WHEN isbad THEN 'failed' ELSE 'succeeded' END, 'tester',
       at, at + interval '1 s', at + interval '3 s',
       CASE WHEN NOT isbad THEN '{"result": "succeeded", "applied": ["deployment/00011-step.sql"], "skipped": 11,
         "baselined": 0, "adopted": 0, "notStarted": [], "failures": []}'::jsonb END,
       CASE WHEN isbad THEN '{"file": "deployment/00011-step.sql", "line": 3, "column": 14,
         "sourceLine": "ALTER TABLE tbl_rooom ADD COLUMN floor integer;", "sqlstate": "42P01",
         "code": "statement_failed", "message": "relation \\"tbl_rooom\\" does not exist",
         "hint": "Mend the file and deploy again: what it had begun is rolled back."}'::jsonb END
     FROM generate_series(1, $1::int) n,
       LATERAL (SELECT now() - make_interval(hours => 2, secs => 10 * n) AS at, n % 100 = 33 AS isbad) x
       JOIN control_plane.targets t ON true
     WHERE t.name = 'shop-' || lpad((1 + (n + 99) % 100)::text, 4, '0')
     ORDER BY n DESC`,
    [count, bundle],
  );
  await control.query('ANALYZE control_plane.deployments', []);
}
