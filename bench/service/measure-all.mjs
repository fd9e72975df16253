import { readFileSync } from 'node:fs';
import pg from 'pg';
import { describeMachine, describeVersions, measureFlushMs } from '../machine.mjs';
import { findPsql, findServers, startServer } from '../servers.mjs';
import { measureAccepting } from './sections/accepting.mjs';
import { measureFirstStatement } from './sections/first-statement.mjs';
import { measureHistory } from './sections/history.mjs';
import { measureManyTargets } from './sections/many-targets.mjs';
import { measureRollout } from './sections/rollout.mjs';
import { measureMemory } from './sections/memory.mjs';

const MEASURES = {
  accepting: measureAccepting,
  'first-statement': measureFirstStatement,
  'many-targets': measureManyTargets,
  rollout: measureRollout,
  history: measureHistory,
  memory: measureMemory,
};

/**
 * One section after the other on a fresh server, which holds control databases and targets alike.
 * @param options as readOptions gives them
 * @param {(results: object) => void} keep told the results so far after each section
 * @param {(line: string) => void} log
 */
export async function measureAll({ sections, sizes, server: wanted }, keep, log) {
  const found = findServers().find(({ id }) => wanted === null || id === wanted);
  if (found === undefined) throw new Error(`there is no server ${wanted ?? ''} here`);
  const psql = findPsql();
  const results = {
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    versions: { ...serviceVersions(describeVersions(psql)) },
    server: { id: found.id, label: found.label, flushMs: measureFlushMs(found.directory) },
    sections: {},
  };
  const server = await startServer(found);
  const admin = new pg.Client({ connectionString: server.dsn('postgres') });
  try {
    await admin.connect();
    for (const section of sections) {
      log(`${section} …`);
      results.sections[section] = {
        measuredWith: results.versions['Postgres Manager'],
        ...(await MEASURES[section]({ server, admin, psql, sizes, log })),
      };
      keep(results);
    }
  } finally {
    await admin.end();
    await server.stop();
  }
  return results;
}

/** Of what is measured there, only what takes part here. */
function serviceVersions({ 'Postgres Manager': own, Node, psql, pg: driver }) {
  const version = (name) =>
    JSON.parse(readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;
  const packages = ['express', 'bullmq', 'ioredis'].map((name) => [name, version(name)]);
  return {
    'Postgres Manager': own,
    Node,
    ...(psql === undefined ? {} : { psql }),
    pg: driver,
    ...Object.fromEntries(packages),
  };
}
