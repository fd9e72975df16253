import { roleOf, type Service } from './service.ts';

/**
 * Has the control database itself record every write to a deployment, with the worker's role that made it. Roles are
 * the harness's own: the product does not know that it is watched.
 */
const WATCH = `
  CREATE SCHEMA chaos;
  CREATE TABLE chaos.workers (role text NOT NULL, worker_id uuid NOT NULL);
  CREATE TABLE chaos.writes (
    role text NOT NULL, deployment_id uuid NOT NULL, xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    what text NOT NULL, old_worker uuid, new_worker uuid, old_epoch integer, new_epoch integer,
    lease_expired boolean, at timestamptz NOT NULL DEFAULT clock_timestamp()
  );
  CREATE FUNCTION chaos.note_worker() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos.workers VALUES (session_user, NEW.id); RETURN NULL;
  END $$;
  CREATE FUNCTION chaos.note_deployment() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos.writes (role, deployment_id, what, old_worker, new_worker, old_epoch, new_epoch, lease_expired)
    VALUES (session_user, NEW.id, 'deployment', OLD.worker_id, NEW.worker_id, OLD.epoch, NEW.epoch,
      OLD.lease_expires_at < clock_timestamp());
    RETURN NULL;
  END $$;
  CREATE FUNCTION chaos.note_part() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos.writes (role, deployment_id, what) VALUES (session_user, NEW.deployment_id, TG_TABLE_NAME);
    RETURN NULL;
  END $$;
  CREATE TRIGGER chaos AFTER INSERT ON control_plane.workers FOR EACH ROW EXECUTE FUNCTION chaos.note_worker();
  CREATE TRIGGER chaos AFTER UPDATE ON control_plane.deployments FOR EACH ROW EXECUTE FUNCTION chaos.note_deployment();
  CREATE TRIGGER chaos AFTER INSERT OR UPDATE ON control_plane.steps FOR EACH ROW EXECUTE FUNCTION chaos.note_part();
  CREATE TRIGGER chaos AFTER INSERT ON control_plane.events FOR EACH ROW EXECUTE FUNCTION chaos.note_part();`;

export async function watchWrites({ control, workers }: Service): Promise<void> {
  await control.query(WATCH);
  // Those that are there already: each has its heartbeat in the table under its process id.
  for (const [index, { pid }] of workers.entries()) {
    await control.query('INSERT INTO chaos.workers SELECT $1, id FROM control_plane.workers WHERE pid = $2', [
      roleOf(index),
      pid,
    ]);
  }
}

/** What workers wrote about deployments that were another's, by the record of the control database. */
export async function findStaleWrites({ control }: Service): Promise<{ writes: number; stale: string[] }> {
  const [count] = await control.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM chaos.writes WHERE role LIKE 'chaos_worker_%'`,
  );
  // Right is: to write what one holds; to take what nobody holds; to give up on who let its lease run out.
  const rows = await control.query<{ role: string; deployment_id: string; what: string; at: Date }>(
    `SELECT w.role, w.deployment_id, w.what, w.at FROM chaos.writes w
     WHERE w.role LIKE 'chaos_worker_%' AND NOT EXISTS (
       SELECT FROM chaos.writes d WHERE d.xid = w.xid AND d.deployment_id = w.deployment_id AND d.what = 'deployment'
         AND (d.old_worker IN (SELECT worker_id FROM chaos.workers k WHERE k.role = w.role)
           OR d.old_worker IS NULL
             AND (d.new_worker IS NULL OR d.new_worker IN (SELECT worker_id FROM chaos.workers k WHERE k.role = w.role))
           OR d.new_worker IS NULL AND d.new_epoch = d.old_epoch + 1 AND d.lease_expired))`,
  );
  const stale = rows.map((row) => `${row.role} wrote ${row.what} of ${row.deployment_id} at ${row.at.toISOString()}`);
  return { writes: count?.count ?? 0, stale };
}
