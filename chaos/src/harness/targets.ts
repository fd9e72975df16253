import type { Cluster } from './cluster.ts';
import { type Database, openDatabase } from './database.ts';
import type { Service } from './service.ts';

/** A database that counts what runs in it. */
export interface Target {
  /** Its name as a target; the database bears it too. */
  readonly name: string;
  readonly database: Database;
}

export interface Targets {
  /** A fresh one, registered so that each worker reaches it by a way of its own. */
  make(service: Service, settings?: Readonly<Record<string, unknown>>, template?: string): Promise<Target>;
  /** A database with the same counters on another server; the caller closes and drops it. */
  makeElsewhere(cluster: Cluster, name: string): Promise<Database>;
  dropAll(): Promise<void>;
}

const TEMPLATE = 'chaos_template';

/**
 * What counts: a table without a key, so that what ran twice is there twice. `alone` is false, and the sequence
 * `overlaps` counts on (sequences don't roll back), when another transaction was in a file at the same time.
 */
const COUNTERS = `
  CREATE SCHEMA chaos;
  CREATE SEQUENCE chaos.overlaps;
  CREATE SEQUENCE chaos.starts;
  CREATE FUNCTION chaos.enter() RETURNS boolean LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM nextval('chaos.starts');
    IF pg_try_advisory_xact_lock(4242) THEN RETURN true; END IF;
    PERFORM nextval('chaos.overlaps');
    RETURN false;
  END $$;
  CREATE TABLE chaos.marks (
    file text NOT NULL,
    part integer NOT NULL DEFAULT 1,
    pid integer NOT NULL DEFAULT pg_backend_pid(),
    application text NOT NULL DEFAULT current_setting('application_name'),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    alone boolean NOT NULL DEFAULT chaos.enter()
  );`;

/** @param more statements besides the counters @returns the name of a database to be copied */
export async function makeTemplate(cluster: Cluster, more = ''): Promise<string> {
  await cluster.admin.query(`CREATE DATABASE ${TEMPLATE}`);
  const template = openDatabase(cluster.dsn(TEMPLATE));
  await template.query(`${COUNTERS}${more}`);
  await template.close();
  return TEMPLATE;
}

export async function prepareTargets(cluster: Cluster): Promise<Targets> {
  await makeTemplate(cluster);
  const made: Target[] = [];
  let count = 0;
  // A template is copied by one at a time.
  let copying: Promise<unknown> = Promise.resolve();
  return {
    make: async (service, settings = {}, template = TEMPLATE) => {
      const name = `t${++count}`;
      const copy = copying.then(() => cluster.admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
      copying = copy.catch(() => undefined);
      await copy;
      const target = { name, database: openDatabase(cluster.dsn(name)) };
      made.push(target);
      await service.http.insist('PUT', `/v1/targets/${name}`, { dsnEnv: `DB_${name.toUpperCase()}`, ...settings });
      return target;
    },
    makeElsewhere: async (elsewhere, name) => {
      await elsewhere.admin.query(`CREATE DATABASE ${name}`);
      const database = openDatabase(elsewhere.dsn(name));
      await database.query(COUNTERS);
      return database;
    },
    dropAll: async () => {
      for (const { name, database } of made.splice(0)) {
        await database.close();
        await cluster.admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      }
    },
  };
}
