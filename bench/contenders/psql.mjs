import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { writeNumbered } from './contender.mjs';

const LEDGER = `CREATE TABLE bench_ledger (
  file_name text PRIMARY KEY,
  digest text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);`;
const LEDGER_SQL = 'SELECT count(*)::int AS n FROM bench_ledger';
const fileName = (ordinal, name) => `${ordinal}-${name}.sql`;

/**
 * One psql session that does what a careful person would script.
 * @param {string | null} psql its path
 * @param {{durable: boolean}} how with `durable: false` no commit waits for the disk
 * @returns {import('./contender.mjs').Contender}
 */
export function psqlSession(psql, { durable }) {
  return {
    id: durable ? 'psql-session' : 'psql-session-async',
    label: durable ? 'psql, one session' : 'psql, one session, async commits',
    setup: durable
      ? 'one `psql -X -q` with `ON_ERROR_STOP` over a prepared script: for each file `BEGIN`, `\\i file`, ' +
        '`INSERT` into a ledger, `COMMIT`'
      : 'the same session after `SET synchronous_commit = off`: what waiting for the disk at each commit costs it',
    pace: 'steady',
    unavailable: psql === null ? 'there is no psql on this machine' : null,
    ledgerSql: LEDGER_SQL,
    prepare(files, directory) {
      const steps = writeNumbered(files, directory, { from: 0, digits: 5, fileName }).map(
        (path, index) => `BEGIN;\n\\i ${path}\n${ledgerRow(path, files[index].sql)}\nCOMMIT;`,
      );
      const head = ['\\set ON_ERROR_STOP on', ...(durable ? [] : ['SET synchronous_commit = off;']), LEDGER];
      writeFileSync(join(directory, 'session.psql'), [...head, ...steps, ''].join('\n'));
    },
    command: (directory, dsn) => ({ file: psql, args: ['-X', '-q', '-f', join(directory, 'session.psql'), dsn] }),
  };
}

/**
 * A shell loop, as most people begin: one psql process for each file.
 * @param {string | null} psql its path
 * @returns {import('./contender.mjs').Contender}
 */
export function psqlPerFile(psql) {
  return {
    id: 'psql-per-file',
    label: 'psql, one process per file',
    setup:
      'a shell script that runs `psql -X -q -1 -f file -c "INSERT INTO ledger …"` for each file, one after the other',
    pace: 'slow',
    unavailable: psql === null ? 'there is no psql on this machine' : null,
    ledgerSql: LEDGER_SQL,
    prepare(files, directory) {
      const options = '-X -q -v ON_ERROR_STOP=1 -1';
      const steps = writeNumbered(files, directory, { from: 0, digits: 5, fileName }).map(
        (path, index) => `"$PSQL" ${options} -f ${path} -c "${ledgerRow(path, files[index].sql)}" "$DSN"`,
      );
      const script = ['set -e', `"$PSQL" ${options} -c "${LEDGER}" "$DSN"`, ...steps, ''].join('\n');
      writeFileSync(join(directory, 'each.sh'), script);
    },
    command: (directory, dsn) => ({ file: 'sh', args: [join(directory, 'each.sh')], env: { PSQL: psql, DSN: dsn } }),
  };
}

function ledgerRow(path, sql) {
  const digest = createHash('sha256').update(sql).digest('hex');
  return `INSERT INTO bench_ledger (file_name, digest) VALUES ('${basename(path)}', '${digest}');`;
}
