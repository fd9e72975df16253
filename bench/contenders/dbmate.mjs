import { existsSync } from 'node:fs';
import { benchPath, writeNumbered } from './contender.mjs';

const PROGRAM = benchPath(`node_modules/@dbmate/${process.platform}-${process.arch}/bin/dbmate`);

/** @returns {import('./contender.mjs').Contender} */
export function dbmate() {
  return {
    id: 'dbmate',
    label: 'dbmate',
    setup:
      'its Go program, run directly and not through the npm wrapper (which would add the start of Node): ' +
      '`dbmate --no-dump-schema migrate`, so without the dump of the schema at the end; a transaction per file is its default',
    pace: 'slow',
    unavailable: existsSync(PROGRAM) ? null : 'its npm package carries no program for this platform',
    ledgerSql: 'SELECT count(*)::int AS n FROM schema_migrations',
    prepare(files, directory) {
      const fileName = (ordinal, name) => `${ordinal}_${name}.sql`;
      const wrap = (sql) => `-- migrate:up\n${sql}\n-- migrate:down\n`;
      writeNumbered(files, directory, { from: 1, digits: 5, fileName, wrap });
    },
    command: (directory, dsn) => ({
      file: PROGRAM,
      args: ['--url', dsn, '--migrations-dir', directory, '--no-dump-schema', 'migrate'],
    }),
  };
}
