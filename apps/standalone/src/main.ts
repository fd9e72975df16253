import { writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main as runCommand } from '@postgres-manager/cli';
import { describeConnection, parseDsn, SqlDeployError } from '@postgres-manager/sql-deploy';
import { readConfig } from './config.ts';
import { ledgerTable } from './ledger-table.ts';
import { SetupError } from './postgres/setup-error.ts';
import { startEmbedded } from './postgres/start-embedded.ts';
import { type StopSignal, watchStopSignal } from './stop-signal.ts';

const CHECKOUT = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const USAGE = `npm start takes no arguments. It starts a Postgres of its own and brings the repository's folders to it.
DATABASE_URL      use this database instead
POSTGRES_PORT     the port of the own Postgres (also PGPORT; else any that is free)`;

/**
 * `npm start`: a Postgres with the repository's own folders applied, up until Ctrl-C.
 * @returns the exit code
 */
export async function main(argv: readonly string[]): Promise<number> {
  const config = readConfig();
  if (argv.length > 0 || typeof config === 'string') {
    say(typeof config === 'string' ? config : USAGE);
    return 2;
  }
  const stop = watchStopSignal();
  try {
    if (config.databaseUrl !== null) return await bringFolders(config.databaseUrl, stop);
    return await runEmbedded(config.port, stop);
  } catch (error) {
    if (stop.isWished()) return 130;
    if (!(error instanceof SetupError || error instanceof SqlDeployError)) throw error;
    say(error.message);
    return 1;
  }
}

async function runEmbedded(port: number | null, stop: StopSignal): Promise<number> {
  const { server, dsn, dataDirectory } = await startEmbedded(CHECKOUT, port, say);
  try {
    const exitCode = await bringFolders(dsn, stop);
    if (exitCode !== 0 || stop.isWished()) return exitCode;
    const dsnFile = join(CHECKOUT, '.local/postgres-dsn');
    await writeFile(dsnFile, dsn, { mode: 0o600 });
    say(lookAround(dsnFile, dataDirectory));
    const ended = await Promise.race([stop.wished.then(() => 'wished'), server.exited.then(() => 'exited')]);
    if (ended === 'exited') throw new SetupError('Postgres stopped by itself.');
    return 0;
  } finally {
    say('Stopping Postgres …');
    await server.stop();
  }
}

/** Runs create, then deployment, and shows the ledger. Gives the exit code of the first that did not succeed, or 0. */
async function bringFolders(dsn: string, stop: StopSignal): Promise<number> {
  const connection = parseDsn(dsn);
  say(`The database is ${describeConnection(connection)}.`);
  for (const mode of ['create', 'deployment']) {
    say(`\n${mode}`);
    const exitCode = await runCommand(['--postgres-dsn', dsn, '--function', mode, '--root', CHECKOUT]);
    if (exitCode !== 0 || stop.isWished()) return exitCode;
  }
  say(`\nThe ledger (postgres_manager.ledger):\n\n${await ledgerTable(CHECKOUT, connection)}`);
  return 0;
}

function lookAround(dsnFile: string, dataDirectory: string): string {
  const file = shortPath(dsnFile);
  return `
Postgres is up; its data stay in ${shortPath(dataDirectory)}. Its DSN, password included, is in ${file}:

    psql "$(cat ${file})"
    npx postgres-manager status --postgres-dsn "$(cat ${file})"

Ctrl-C stops it.`;
}

/** Relative to the folder we are in for what lies below it. */
function shortPath(path: string): string {
  const below = relative(process.cwd(), path);
  return below.startsWith('..') ? path : below;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
