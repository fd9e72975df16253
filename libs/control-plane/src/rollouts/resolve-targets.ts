import type { ControlDatabase } from '../database/control-database.ts';
import type { Labels } from '../targets/labels.ts';
import type { Selector } from './plan-waves.ts';

/** A target as a rollout takes it. */
export interface RolloutCandidate {
  readonly id: string;
  readonly name: string;
  readonly labels: Labels;
  /** `host:port`; for a DSN from the environment, of which nothing is known here, a name of its own. */
  readonly server: string;
}

/** No rollout has more targets. */
export const MOST_ROLLOUT_TARGETS = 10_000;

const CANDIDATE = `t.id, t.name, t.labels,
  CASE WHEN t.host IS NULL THEN 'environment:' || coalesce(t.dsn_env, '') ELSE t.host || ':' || coalesce(t.port, 5432) END AS server`;

/** Those of the named targets that are there and that the caller may use, in the order of their names given. */
export async function findNamedTargets(
  { pool }: ControlDatabase,
  names: readonly string[],
  allowed: Labels,
): Promise<RolloutCandidate[]> {
  const { rows } = await pool.query<RolloutCandidate>(
    `SELECT ${CANDIDATE} FROM unnest($1::text[]) WITH ORDINALITY AS n (name, place)
     JOIN control_plane.targets t ON t.name = n.name AND t.removed_at IS NULL AND t.labels @> $2 ORDER BY n.place`,
    [names, JSON.stringify(allowed)],
  );
  return rows;
}

/** The targets with these labels that the caller may use, by name; one more than a rollout may have tells that there are too many. */
export async function findSelectedTargets(
  { pool }: ControlDatabase,
  selector: Selector,
  allowed: Labels,
): Promise<RolloutCandidate[]> {
  const names = Object.keys(selector);
  const values = Object.values(selector).map((wanted) => (typeof wanted === 'string' ? [wanted] : wanted));
  const { rows } = await pool.query<RolloutCandidate>(
    `SELECT ${CANDIDATE} FROM control_plane.targets t WHERE t.removed_at IS NULL AND t.labels @> $1
       AND NOT EXISTS (SELECT FROM jsonb_to_recordset($2) AS wanted (name text, "values" jsonb)
         WHERE NOT coalesce(wanted."values" ? (t.labels ->> wanted.name), false))
     ORDER BY t.name LIMIT $3`,
    [
      JSON.stringify(allowed),
      JSON.stringify(names.map((name, index) => ({ name, values: values[index] }))),
      MOST_ROLLOUT_TARGETS + 1,
    ],
  );
  return rows;
}

/** Why a bundle would be refused on a target, by what is known of its ledger. */
export interface TargetTrouble {
  readonly target: string;
  /** Applied there, and not in the bundle. */
  readonly missing: readonly string[];
  /** Applied there with other bytes. */
  readonly changed: readonly string[];
  readonly createIncomplete: boolean;
}

/** A ledger may list hundreds of files: no statement is to take long. */
const LEDGERS_AT_ONCE = 500;

/** Those of the targets that a `deployment` of the bundle would be refused on, as far as that is known. */
export async function findTrouble(
  db: ControlDatabase,
  targetIds: readonly string[],
  digest: string,
): Promise<TargetTrouble[]> {
  const trouble: TargetTrouble[] = [];
  for (let i = 0; i < targetIds.length; i += LEDGERS_AT_ONCE) {
    trouble.push(...(await findTroubleOfSome(db, targetIds.slice(i, i + LEDGERS_AT_ONCE), digest)));
  }
  return trouble;
}

async function findTroubleOfSome(
  { pool }: ControlDatabase,
  targetIds: readonly string[],
  digest: string,
): Promise<TargetTrouble[]> {
  const { rows } = await pool.query<{
    name: string;
    missing: string[] | null;
    changed: string[] | null;
    incomplete: boolean;
  }>(
    `SELECT t.name, l.create_state = 'started' AS incomplete,
       array_agg(f.path ORDER BY f.path COLLATE "C") FILTER (WHERE f.path IS NOT NULL AND b.path IS NULL) AS missing,
       array_agg(f.path ORDER BY f.path COLLATE "C") FILTER (WHERE f.sha256 <> b.sha256) AS changed
     FROM control_plane.targets t JOIN control_plane.target_ledgers l ON l.target_id = t.id
     LEFT JOIN LATERAL (SELECT f.path, f.sha256 FROM jsonb_to_recordset(l.files) AS f (path text, sha256 text)
       WHERE f.path LIKE 'deployment/%') f ON true
     LEFT JOIN control_plane.bundle_files b ON b.bundle_digest = $2 AND b.path = f.path
     WHERE t.id = ANY ($1::uuid[])
     GROUP BY t.name, l.create_state
     HAVING l.create_state = 'started' OR bool_or(f.path IS NOT NULL AND b.path IS NULL) OR bool_or(f.sha256 <> b.sha256)
     ORDER BY t.name`,
    [targetIds, digest],
  );
  return rows.map((row) => ({
    target: row.name,
    missing: row.missing ?? [],
    changed: row.changed ?? [],
    createIncomplete: row.incomplete,
  }));
}
