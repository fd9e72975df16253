import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { benchPath, writeNumbered } from './contender.mjs';

const COMMAND = benchPath('../apps/cli/bin/postgres-manager.js');
const BUILT = benchPath('../apps/cli/dist/main.js');

/** @returns {import('./contender.mjs').Contender} */
export function postgresManager() {
  return {
    id: 'postgres-manager',
    label: 'Postgres Manager',
    setup:
      'the command of this repository, `postgres-manager --function deployment`, built, with its default settings: ' +
      'every file validated with the real parser, a transaction and a ledger row per file, the target locked',
    pace: 'quick',
    unavailable: existsSync(COMMAND) && existsSync(BUILT) ? null : 'it is not built: run `npm run build` first',
    ledgerSql: `SELECT count(*)::int AS n FROM postgres_manager.ledger`,
    prepare(files, directory) {
      for (const folder of ['create', 'deployment', 'manual-deployment']) mkdirSync(join(directory, folder));
      const fileName = (ordinal, name) => `${ordinal}-${name}.sql`;
      writeNumbered(files, join(directory, 'deployment'), { from: 0, digits: 5, fileName });
    },
    command: (directory, dsn) => ({
      file: process.execPath,
      args: [COMMAND, '--postgres-dsn', dsn, '--function', 'deployment', '--root', directory],
    }),
  };
}
