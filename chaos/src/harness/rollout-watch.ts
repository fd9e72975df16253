import type { Cluster } from './cluster.ts';
import type { Service } from './service.ts';
import { pause } from './wait.ts';

/** How many of a rollout's targets may be under way, in all and on one server. */
export interface Limits {
  readonly maxParallel: number;
  readonly maxParallelPerServer: number;
}

/**
 * Has the control database itself record, at each start of targets, what was under way just then, and each change of a
 * rollout's status. Whoever starts some sees those that are started already, but for what another starts unseen in a
 * transaction of its own: that one is seen at the next start, or in pg_stat_activity.
 */
const WATCH = `
  CREATE SCHEMA IF NOT EXISTS chaos;
  CREATE SEQUENCE chaos.rollout_order;
  CREATE TABLE chaos.rollout_starts (
    place bigint NOT NULL DEFAULT nextval('chaos.rollout_order'), xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    rollout_id uuid NOT NULL, wave integer NOT NULL, started integer NOT NULL, under_way integer NOT NULL,
    on_fullest_server integer NOT NULL, unfinished_before integer NOT NULL
  );
  CREATE TABLE chaos.rollout_changes (
    place bigint NOT NULL DEFAULT nextval('chaos.rollout_order'), xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    rollout_id uuid NOT NULL, status text NOT NULL, still_started integer NOT NULL
  );
  CREATE FUNCTION chaos.note_starts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos.rollout_starts (rollout_id, wave, started, under_way, on_fullest_server, unfinished_before)
    SELECT s.rollout_id, s.wave, s.started,
      (SELECT count(*) FROM control_plane.rollout_targets t WHERE t.rollout_id = s.rollout_id AND t.state = 'started'),
      (SELECT max(count) FROM (SELECT count(*) FROM control_plane.rollout_targets t
        WHERE t.rollout_id = s.rollout_id AND t.state = 'started' GROUP BY t.server) servers),
      (SELECT count(*) FROM control_plane.rollout_targets t
        WHERE t.rollout_id = s.rollout_id AND t.wave < s.wave AND t.state IN ('pending', 'started'))
    FROM (SELECT n.rollout_id, n.wave, count(*) AS started FROM new_targets n
      JOIN old_targets o USING (rollout_id, target_id) WHERE n.state = 'started' AND o.state <> 'started'
      GROUP BY n.rollout_id, n.wave) s;
    RETURN NULL;
  END $$;
  CREATE FUNCTION chaos.note_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos.rollout_changes (rollout_id, status, still_started) VALUES (NEW.id, NEW.status,
      (SELECT count(*) FROM control_plane.rollout_targets t WHERE t.rollout_id = NEW.id AND t.state = 'started'));
    RETURN NULL;
  END $$;
  CREATE TRIGGER chaos AFTER UPDATE ON control_plane.rollout_targets
    REFERENCING OLD TABLE AS old_targets NEW TABLE AS new_targets FOR EACH STATEMENT EXECUTE FUNCTION chaos.note_starts();
  CREATE TRIGGER chaos AFTER UPDATE ON control_plane.rollouts FOR EACH ROW
    WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION chaos.note_change();`;

export async function watchRollouts({ control }: Service): Promise<void> {
  await control.query(WATCH);
}

export interface StartFindings {
  /** How many times some were started. */
  readonly looks: number;
  readonly most: number;
  readonly mostOnServer: number;
  readonly tooMany: string[];
  readonly tooManyOnServer: string[];
  /** A wave began before the one before it was done. */
  readonly tooEarly: string[];
  /** Started while the rollout was stopping, stopped or at its end. */
  readonly whileStopped: string[];
  /** It was called stopped, or at its end, while some were under way. */
  readonly notAtRest: string[];
}

interface StartRow {
  place: string;
  xid: string;
  wave: number;
  started: number;
  under_way: number;
  on_fullest_server: number;
  unfinished_before: number;
}

const MAY_START = ['scheduled', 'running'];

/** What the record says of one rollout. */
export async function judgeStarts({ control }: Service, id: string, limits: Limits): Promise<StartFindings> {
  const starts = await control.query<StartRow>(
    'SELECT *, xid::text FROM chaos.rollout_starts WHERE rollout_id = $1 ORDER BY place',
    [id],
  );
  const changes = await control.query<{ place: string; xid: string; status: string; still_started: number }>(
    'SELECT *, xid::text FROM chaos.rollout_changes WHERE rollout_id = $1 ORDER BY place',
    [id],
  );
  const tell = (row: StartRow): string =>
    `${row.started} of wave ${row.wave} started, ${row.under_way} under way, ${row.on_fullest_server} on one server, ` +
    `${row.unfinished_before} unfinished in waves before`;
  // A move starts first and writes its status then: what belongs to one transaction counts from its beginning.
  const statusAt = ({ place, xid }: StartRow): string =>
    changes.findLast((change) => BigInt(change.place) < BigInt(place) || change.xid === xid)?.status ?? 'scheduled';
  return {
    looks: starts.length,
    most: Math.max(0, ...starts.map((row) => row.under_way)),
    mostOnServer: Math.max(0, ...starts.map((row) => row.on_fullest_server)),
    tooMany: starts.filter((row) => row.under_way > limits.maxParallel).map(tell),
    tooManyOnServer: starts.filter((row) => row.on_fullest_server > limits.maxParallelPerServer).map(tell),
    tooEarly: starts.filter((row) => row.unfinished_before > 0).map(tell),
    whileStopped: starts
      .filter((row) => !MAY_START.includes(statusAt(row)))
      .map((row) => `${statusAt(row)}: ${tell(row)}`),
    notAtRest: changes
      .filter(({ status, still_started: count }) => ['stopped', 'succeeded', 'failed'].includes(status) && count > 0)
      .map(({ status, still_started: count }) => `${status} with ${count} started`),
  };
}

export interface ActivityFindings {
  readonly looks: number;
  readonly most: number;
  readonly mostOnServer: number;
  readonly tooMany: string[];
  readonly tooManyOnServer: string[];
}

export interface ActivityWatch {
  /** Databases in which something of the product is at work just now. */
  atWork(): Promise<string[]>;
  stop(): Promise<ActivityFindings>;
}

const LOOK_EVERY_MS = 30;

/** Looks again and again, at the servers themselves, in how many databases a run of the product is at work. */
export function watchActivity(clusters: readonly Cluster[], limits: Limits): ActivityWatch {
  const found = { looks: 0, most: 0, mostOnServer: 0, tooMany: [] as string[], tooManyOnServer: [] as string[] };
  const state = { isOver: false };
  const look = async (): Promise<void> => {
    const before = await Promise.all(clusters.map(runsAtWork));
    // Servers are not looked at in one instant: what is there before and after was there all the while.
    const after = await Promise.all(clusters.map(runsAtWork));
    const still = before.map((runs, i) => runs.filter((run) => after[i]?.includes(run) === true));
    const total = still.flat().length;
    const fullest = Math.max(...before.map((runs) => runs.length));
    found.looks++;
    found.most = Math.max(found.most, total);
    found.mostOnServer = Math.max(found.mostOnServer, fullest);
    if (total > limits.maxParallel) found.tooMany.push(still.flat().join(', '));
    if (fullest > limits.maxParallelPerServer) found.tooManyOnServer.push(before.map(String).join(' | '));
  };
  const loop = (async () => {
    while (!state.isOver) {
      await look();
      await pause(LOOK_EVERY_MS);
    }
  })();
  loop.catch(() => undefined);
  return {
    atWork: async () => (await Promise.all(clusters.map(runsAtWork))).flat(),
    stop: async () => {
      state.isOver = true;
      await loop;
      return found;
    },
  };
}

/** By database. One that has done its work and is about to leave is idle, and counts no more. */
async function runsAtWork({ admin }: Cluster): Promise<string[]> {
  const rows = await admin.query<{ datname: string }>(
    `SELECT DISTINCT datname FROM pg_stat_activity
     WHERE application_name LIKE 'postgres-manager %/%' AND state <> 'idle' AND datname IS NOT NULL`,
  );
  return rows.map(({ datname }) => datname);
}
