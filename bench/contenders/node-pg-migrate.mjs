import { benchPath, writeNumbered } from './contender.mjs';

/** @returns {import('./contender.mjs').Contender} */
export function nodePgMigrate() {
  return {
    id: 'node-pg-migrate',
    label: 'node-pg-migrate',
    setup:
      'its command, `node-pg-migrate up --no-single-transaction`, over SQL migrations: a transaction per file, as ' +
      'the others have; without the flag all files would share one',
    pace: 'slow',
    unavailable: null,
    ledgerSql: 'SELECT count(*)::int AS n FROM pgmigrations',
    prepare(files, directory) {
      const wrap = (sql) => `-- Up Migration\n${sql}\n-- Down Migration\n`;
      writeNumbered(files, directory, {
        from: 1,
        digits: 5,
        fileName: (ordinal, name) => `${ordinal}_${name}.sql`,
        wrap,
      });
    },
    command: (directory, dsn) => ({
      file: process.execPath,
      args: [
        benchPath('node_modules/node-pg-migrate/bin/node-pg-migrate.js'),
        'up',
        '--migrations-dir',
        directory,
        '--no-single-transaction',
      ],
      env: { DATABASE_URL: dsn },
    }),
  };
}
