import { readdir, readFile } from 'node:fs/promises';
import type { Redis } from 'ioredis';
import type { Database } from './database.ts';
import type { Lab } from './lab.ts';
import type { Service } from './service.ts';

/** A secret that is recognised wherever it turns up. */
export interface Canary {
  readonly name: string;
  readonly secret: string;
}

/** Somewhere a secret might be. */
export interface Place {
  readonly name: string;
  readonly text: string;
  /** What must be in it, if the right thing was looked at. */
  readonly holds: string;
}

/** Everything the service wrote or says, as text. */
export async function readPlaces(
  lab: Lab,
  service: Service,
  seen: { readonly answers: readonly string[]; readonly redisCommands: string; readonly metricsToken: string },
): Promise<Place[]> {
  const { apis, workers, control, redis } = service;
  const client = redis.client();
  const metrics = await Promise.all([
    ...apis.map(({ port }) => readText(`http://127.0.0.1:${port}/metrics`, seen.metricsToken)),
    ...workers.map(({ port }) => readText(`http://127.0.0.1:${port}/metrics`, seen.metricsToken)),
  ]);
  const places: Place[] = [
    { name: 'logs of API', text: apis.map((slot) => slot.output()).join('\n'), holds: 'The API answers' },
    { name: 'logs of workers', text: workers.map((slot) => slot.output()).join('\n'), holds: 'Deployment failed' },
    { name: 'Redis, every command', text: seen.redisCommands, holds: 'postgres-manager' },
    { name: 'Redis, every key', text: await dumpRedis(client), holds: 'postgres-manager' },
    { name: 'control database, every table', text: await dumpTables(control), holds: 'deployment.create' },
    { name: 'answers of the API', text: seen.answers.join('\n'), holds: 'succeeded' },
    { name: 'metrics', text: metrics.join('\n'), holds: 'postgres_manager' },
    { name: 'process titles', text: await readTitles(), holds: 'product-worker' },
    {
      name: 'pg_stat_activity',
      text: `${await readActivity(lab.controlCluster.admin)}${await readActivity(lab.targetCluster.admin)}`,
      holds: 'postgres-manager',
    },
  ];
  client.disconnect();
  return places;
}

/** As it is, and as programs encode it. */
export function findCanaries(places: readonly Place[], canaries: readonly Canary[]): string[] {
  return places.flatMap(({ name: place, text }) =>
    canaries.flatMap(({ name, secret }) =>
      encodingsOf(secret)
        .filter((encoded) => text.includes(encoded))
        .slice(0, 1)
        .map((encoded) => `${name} in ${place}: …${around(text, encoded, secret)}…`),
    ),
  );
}

function encodingsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [secret, encodeURIComponent(secret), bytes.toString('base64').slice(0, 20), bytes.toString('hex')];
}

/** The place, without the secret itself. */
function around(text: string, encoded: string, secret: string): string {
  const at = text.indexOf(encoded);
  return text.slice(Math.max(0, at - 120), at + 60 + encoded.length).replaceAll(secret, '<the secret>');
}

async function readText(url: string, token: string): Promise<string> {
  return (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).text();
}

async function dumpRedis(client: Redis): Promise<string> {
  const texts: string[] = [];
  for (const key of await client.keys('*')) {
    // The serialised form of any type: small texts stand in it as they are.
    const dumped = await client.dumpBuffer(key);
    texts.push(key, dumped?.toString('latin1') ?? '');
  }
  return texts.join('\n');
}

async function dumpTables(control: Database): Promise<string> {
  const tables = await control.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await control.query<{ row: string }>(`SELECT to_jsonb(t)::text AS row FROM ${name} t`);
    texts.push(name, ...rows.map(({ row }) => row));
  }
  return texts.join('\n');
}

/** The command lines of all processes; their environments are theirs. */
async function readTitles(): Promise<string> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const titles = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return titles.map((title) => title.replaceAll('\0', ' ')).join('\n');
}

/** Without the harness itself, which makes the roles with their passwords. */
async function readActivity(admin: Database): Promise<string> {
  const rows = await admin.query<{ row: string }>(
    `SELECT to_jsonb(a)::text AS row FROM pg_stat_activity a WHERE application_name <> 'chaos-harness'`,
  );
  return rows.map(({ row }) => row).join('\n');
}
