import type { Cluster } from './cluster.ts';
import { connect } from './database.ts';

/** How a target of a rollout ends. */
export interface End {
  readonly state: 'succeeded' | 'failed' | 'needs_attention';
  /** Of its failure. */
  readonly code: string | null;
  readonly sqlstate: string | null;
}

/** Which ends of a target are right. */
export interface ExpectedEnd {
  readonly end: End;
  /** Right as well, but only where a worker or a connection was lost in the middle. */
  readonly whenStruck: readonly End[];
}

/** What is wrong with a target, so that a rollout has to fail there and nowhere else. */
export interface Flaw {
  readonly name: string;
  /** What its failure has to say. */
  readonly code: string;
  readonly sqlstate: string | null;
  /** The service tries again by itself, so faults find it often, and it ends with what the last try met. */
  readonly isTriedAgain?: true;
  /** How many files of FLAWED_FILE's bundle come before the failure, and stay applied. */
  readonly applied: 0 | 1;
  /** False: there is no database to be judged. */
  readonly hasDatabase: boolean;
  /** For its target, besides the DSN. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** How the target's DSN is made worse. */
  dsn?(cluster: Cluster, database: string): string;
  make?(cluster: Cluster, database: string): Promise<void>;
}

/** A role that may keep a ledger, make tables and write marks, and owns nothing that was there before. */
const GUEST = 'chaos_guest';

/** Beside the counters, in each database of a fleet: what `FLAWED_SQL` stumbles over. */
export const FLEET_BASE = `
  CREATE TABLE chaos.base (needed integer);
  DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${GUEST}') THEN CREATE ROLE ${GUEST} LOGIN; END IF;
  END $$;
  GRANT USAGE, CREATE ON SCHEMA chaos TO ${GUEST};
  GRANT ALL ON ALL TABLES IN SCHEMA chaos TO ${GUEST};
  GRANT ALL ON ALL SEQUENCES IN SCHEMA chaos TO ${GUEST};`;

/** A file that parses, and runs where nothing is wrong. */
export const FLAWED_SQL = `select needed from chaos.base;
create table chaos.rolled (a integer);
alter table chaos.base add column rolled integer;`;

export const FLAWS: readonly Flaw[] = [
  sqlFlaw('a table that is there already', '42P07', 'CREATE TABLE chaos.rolled ()'),
  sqlFlaw('a column that is missing', '42703', 'ALTER TABLE chaos.base DROP COLUMN needed'),
  {
    name: 'a role without the right',
    code: 'sql_error',
    sqlstate: '42501',
    applied: 1,
    hasDatabase: true,
    dsn: (cluster, database) => cluster.dsn(database, { user: GUEST }),
    make: (cluster, database) =>
      run(cluster, database, [
        `ALTER ROLE ${GUEST} PASSWORD '${cluster.password}'`,
        `GRANT CREATE ON DATABASE ${database} TO ${GUEST}`,
      ]),
  },
  {
    name: 'a database that is read-only',
    code: 'read_only',
    sqlstate: null,
    applied: 0,
    hasDatabase: true,
    make: (cluster, database) =>
      run(cluster, 'postgres', [`ALTER DATABASE ${database} SET default_transaction_read_only = on`]),
  },
  {
    name: 'a database that is not there',
    code: 'database_missing',
    sqlstate: null,
    applied: 0,
    hasDatabase: false,
    make: (cluster, database) => run(cluster, 'postgres', [`DROP DATABASE ${database} WITH (FORCE)`]),
  },
  {
    name: 'a wrong password',
    code: 'authentication_failed',
    sqlstate: null,
    applied: 0,
    hasDatabase: true,
    dsn: (cluster, database) => cluster.dsn(database).replace(cluster.password, 'wrong'),
  },
  {
    name: 'a lock that is never let go',
    code: 'lock_timeout',
    sqlstate: '55P03',
    isTriedAgain: true,
    applied: 1,
    hasDatabase: true,
    settings: { lockTimeoutMs: 50 },
    // By a prepared transaction: it outlives a crash of the server, as no session would.
    make: (cluster, database) =>
      run(cluster, database, [
        'BEGIN',
        'LOCK TABLE chaos.base IN ACCESS SHARE MODE',
        `PREPARE TRANSACTION 'held_${database}'`,
      ]),
  },
];

/** How a target with this flaw has to end; null: one with nothing wrong. */
export function expectedEnd(flaw: Flaw | null): ExpectedEnd {
  if (flaw === null) return { end: { state: 'succeeded', code: null, sqlstate: null }, whenStruck: [] };
  const { code, sqlstate, isTriedAgain = false } = flaw;
  // A person is to look where a worker was lost that had it in hand, and nobody could read the ledger since; or where as
  // many were lost as it may have tries.
  const forPerson = [code, 'outcome_unknown'];
  const ofLastTry = isTriedAgain ? ['connection_lost', 'unreachable'] : [];
  return {
    end: { state: 'failed', code, sqlstate },
    whenStruck: [
      ...[...forPerson, ...ofLastTry].map((one): End => ({ state: 'needs_attention', code: one, sqlstate: null })),
      ...ofLastTry.map((one): End => ({ state: 'failed', code: one, sqlstate: null })),
    ],
  };
}

function sqlFlaw(name: string, sqlstate: string, statement: string): Flaw {
  const make = (cluster: Cluster, database: string): Promise<void> => run(cluster, database, [statement]);
  return { name, code: 'sql_error', sqlstate, applied: 1, hasDatabase: true, make };
}

/** In one session of its own. */
async function run(cluster: Cluster, database: string, statements: readonly string[]): Promise<void> {
  const client = await connect(cluster.dsn(database));
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
