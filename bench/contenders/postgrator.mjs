import { benchPath, writeNumbered } from './contender.mjs';

/** @returns {import('./contender.mjs').Contender} */
export function postgrator() {
  return {
    id: 'postgrator',
    label: 'postgrator',
    setup:
      'its library over one `pg` client (`bench/programs/postgrator.mjs`), as its manual shows; a file and its ' +
      'row in the version table are separate transactions there, so it promises less',
    pace: 'slow',
    unavailable: null,
    ledgerSql: 'SELECT count(*)::int AS n FROM schemaversion WHERE version > 0',
    prepare(files, directory) {
      writeNumbered(files, directory, { from: 1, digits: 5, fileName: (ordinal, name) => `${ordinal}.do.${name}.sql` });
    },
    command: (directory, dsn) => ({
      file: process.execPath,
      args: [benchPath('programs/postgrator.mjs'), dsn, directory],
    }),
  };
}
