import type { TestDatabase } from '../../../../test-support/test-database.ts';

/**
 * Enters a deployment with so many steps, as a worker would have left it, straight into the control database: the last
 * third is planned, one runs; of the events there are two for each step that has ended.
 * @returns its id
 */
export async function enterLongDeployment(
  control: TestDatabase,
  { target, bundle, steps }: { readonly target: string; readonly bundle: string; readonly steps: number },
): Promise<string> {
  const [made] = await control.query<{ id: string }>(
    `INSERT INTO control_plane.deployments (target_id, target_name, mode, bundle_digest, status, created_by, created_at,
       started_at, finished_at, attempt, last_event)
     SELECT t.id, t.name, 'deployment', $2, 'failed', 'tester', now() - interval '3 hours', now() - interval '10 min',
       now() - interval '1 min', 1, 2 * ($3::int * 2 / 3) + 1
     FROM control_plane.targets t WHERE t.name = $1 RETURNING id`,
    [target, bundle, steps],
  );
  if (made === undefined) throw new Error(`There is no target ${target}.`);
  const { id } = made;
  await control.query(
    `INSERT INTO control_plane.attempts (deployment_id, number, epoch, worker_id, started_at, finished_at, outcome)
     VALUES ($1, 1, 1, gen_random_uuid(), now() - interval '10 min', now() - interval '1 min', 'failed')`,
    [id],
  );
  await control.query(
    `INSERT INTO control_plane.steps (deployment_id, path, position, sha256, transactional, statement_count, status,
       attempt, started_at, finished_at, duration_ms)
     SELECT $1, 'deployment/' || lpad(n::text, 5, '0') || '-step.sql', n + 1, repeat('0', 64), true, 1,
       CASE WHEN n < done THEN 'applied' WHEN n = done THEN 'failed' ELSE 'not_started' END, 1,
       CASE WHEN n <= done THEN at END, CASE WHEN n <= done THEN at + interval '40 ms' END, CASE WHEN n < done THEN 40 END
     FROM generate_series(0, $2::int - 1) n, LATERAL (SELECT $2::int * 2 / 3 AS done) d,
       LATERAL (SELECT now() - interval '10 min' + n * interval '50 ms' AS at) a`,
    [id, steps],
  );
  await control.query(
    `INSERT INTO control_plane.events (deployment_id, number, at, type, data)
     SELECT $1, n, now() - interval '10 min' + n * interval '25 ms',
       CASE WHEN n > $2::int THEN 'finished' WHEN n % 2 = 1 THEN 'step_started' ELSE 'step_finished' END,
       CASE WHEN n > $2::int THEN '{"status": "failed", "failure": null}'::jsonb
         ELSE jsonb_build_object('path', 'deployment/' || lpad(((n - 1) / 2)::text, 5, '0') || '-step.sql',
           'index', (n + 1) / 2, 'total', $3::int, 'durationMs', 40) END
     FROM generate_series(1, $2::int + 1) n`,
    [id, 2 * Math.floor((steps * 2) / 3), steps],
  );
  return id;
}

/** Enters so many that wait, on targets that are there, straight into the control database. */
export async function enterQueued(control: TestDatabase, count: number, bundle: string): Promise<void> {
  await control.query(
    `WITH t AS (SELECT id, name, row_number() OVER (ORDER BY name) AS place, count(*) OVER () AS total
       FROM control_plane.targets WHERE name LIKE 'shop-%')
     INSERT INTO control_plane.deployments (target_id, target_name, mode, bundle_digest, status, created_by, created_at,
       not_before)
     SELECT t.id, t.name, 'deployment', $2, CASE WHEN n % 50 = 0 THEN 'scheduled' ELSE 'queued' END, 'tester',
       now() - n * interval '1 s', CASE WHEN n % 50 = 0 THEN now() + interval '2 h' END
     FROM generate_series(1, $1::int) n JOIN t ON t.place = 1 + (n * 7919) % t.total`,
    [count, bundle],
  );
}
