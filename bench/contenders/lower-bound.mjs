import { benchPath, writeNumbered } from './contender.mjs';

/** @returns {import('./contender.mjs').Contender} */
export function lowerBound() {
  return {
    id: 'lower-bound',
    label: 'Lower bound',
    setup:
      'no runner but a bare Node program (`bench/programs/lower-bound.mjs`): reads all files, joins them and sends ' +
      'them as one query, which is one transaction; no checks, no lock, no ledger',
    pace: 'quick',
    unavailable: null,
    ledgerSql: null,
    prepare: (files, directory) => {
      writeNumbered(files, directory, { from: 0, digits: 5, fileName: (ordinal, name) => `${ordinal}-${name}.sql` });
    },
    command: (directory, dsn) => ({
      file: process.execPath,
      args: [benchPath('programs/lower-bound.mjs'), dsn, directory],
    }),
  };
}
