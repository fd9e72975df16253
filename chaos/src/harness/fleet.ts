import { type Cluster, startCluster } from './cluster.ts';
import type { CountedFile } from './counted-files.ts';
import { openDatabase } from './database.ts';
import { type Flaw, FLAWS, FLEET_BASE } from './flaws.ts';
import { judgeTarget, mergeFindings, type TargetFindings } from './judge-target.ts';
import type { Service } from './service.ts';
import { makeTemplate } from './targets.ts';
import { forEachOf } from './wait.ts';

/** One database of a fleet; the target bears its name. */
export interface FleetTarget {
  readonly name: string;
  readonly cluster: Cluster;
  /** Null: nothing is wrong with it. */
  readonly flaw: Flaw | null;
}

/** Many databases on two servers of their own, registered with their DSNs: so the service knows which share a server. */
export interface Fleet {
  readonly clusters: readonly Cluster[];
  readonly targets: readonly FleetTarget[];
  register(service: Service): Promise<void>;
  close(): Promise<void>;
}

const SERVERS = 2;
const REGISTERED_AT_ONCE = 6;
const JUDGED_AT_ONCE = 6;

/** @param flawed so many of the targets are made to fail, in every way there is by turns, spread over all of them */
export async function openFleet(count: number, flawed: number): Promise<Fleet> {
  const clusters: Cluster[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(clusters.map((cluster) => cluster.remove()));
  };
  try {
    const start = async (): Promise<void> => {
      clusters.push(await startCluster({ max_prepared_transactions: '40' }));
    };
    await Promise.all(Array.from({ length: SERVERS }, start));
    const every = Math.floor(count / flawed);
    const targets = Array.from({ length: count }, (_, i): FleetTarget => {
      const isFlawed = i % every === every - 1 && Math.floor(i / every) < flawed;
      const flaw = isFlawed ? (FLAWS[Math.floor(i / every) % FLAWS.length] ?? null) : null;
      // By turns, so that each wave has some of each server.
      const cluster = clusters[i % SERVERS] as Cluster;
      return { name: `f${String(i).padStart(4, '0')}`, cluster, flaw };
    });
    await Promise.all(clusters.map((cluster) => makeDatabases(cluster, targets)));
    return { clusters, targets, register: (service) => register(service, targets), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function makeDatabases(cluster: Cluster, targets: readonly FleetTarget[]): Promise<void> {
  const template = await makeTemplate(cluster, FLEET_BASE);
  for (const { name, flaw, cluster: own } of targets) {
    if (own !== cluster) continue;
    await cluster.admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
    await flaw?.make?.(cluster, name);
  }
  // A crash then has little to recover.
  await cluster.admin.query('CHECKPOINT');
}

async function register(service: Service, targets: readonly FleetTarget[]): Promise<void> {
  await forEachOf(targets, REGISTERED_AT_ONCE, async ({ name, cluster, flaw }) => {
    const dsn = flaw?.dsn?.(cluster, name) ?? cluster.dsn(name);
    await service.http.insist('PUT', `/v1/targets/${name}`, { dsn, ...flaw?.settings });
  });
}

/** When a file made its marks in a target, ms since 1970. */
export interface MarkTimes {
  readonly target: string;
  readonly file: string;
  readonly first: number;
  readonly last: number;
}

export interface FleetFindings extends TargetFindings {
  /** Files that ran where they should not have. */
  readonly tooMany: string[];
  readonly marks: readonly MarkTimes[];
}

/** Holds the databases against the files that each is to have; those of `expected` alone. */
export async function judgeFleet(
  targets: readonly FleetTarget[],
  expected: ReadonlyMap<string, readonly CountedFile[]>,
): Promise<FleetFindings> {
  const findings: TargetFindings[] = [];
  const tooMany: string[] = [];
  const marks: MarkTimes[] = [];
  await forEachOf(targets, JUDGED_AT_ONCE, async ({ name, cluster, flaw }) => {
    const files = expected.get(name);
    if (files === undefined || flaw?.hasDatabase === false) return;
    const database = openDatabase(cluster.dsn(name));
    try {
      findings.push(await judgeTarget({ name, database }, files));
      const rows = await database.query<MarkTimes>(
        `SELECT current_database()::text AS target, file, extract(epoch FROM min(at))::float8 * 1000 AS first,
           extract(epoch FROM max(at))::float8 * 1000 AS last FROM chaos.marks GROUP BY file`,
      );
      const allowed = new Set(files.map(({ label }) => label));
      tooMany.push(...rows.filter(({ file }) => !allowed.has(file)).map(({ file }) => `${name}: ${file} ran`));
      marks.push(...rows);
    } finally {
      await database.close();
    }
  });
  return { ...mergeFindings(findings), tooMany, marks };
}
