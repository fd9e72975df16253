import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SignInCodes } from '@postgres-manager/api';
import { ConfigError, ControlPlaneError, generateKey, migrateControlDatabase } from '@postgres-manager/control-plane';
import { describeConnection, parseDsn, SqlDeployError } from '@postgres-manager/sql-deploy';
import { type Config, readConfig } from './config.ts';
import { ApiRefusal, createApiClient } from './first-start/api-client.ts';
import { bringExample, isUntouched, LOCAL_TARGET, registerLocal, SPARE_DATABASE } from './first-start/bring-example.ts';
import { keptSecret } from './local/kept-secret.ts';
import { requirePort } from './local/require-port.ts';
import { type Console, createConsole } from './output/console.ts';
import { farewell, type Standing, welcome } from './output/welcome.ts';
import { type Part, stopParts } from './parts.ts';
import { SetupError } from './postgres/setup-error.ts';
import { type EmbeddedPostgres, startEmbedded } from './postgres/start-embedded.ts';
import { startKeptRedis } from './redis/start-kept-redis.ts';
import { startService } from './start-service.ts';
import { type StopSignal, watchStopSignal } from './stop-signal.ts';

const CHECKOUT = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const CONTROL_DATABASE = 'postgres_manager';
const CONNECT_TIMEOUT_MS = 5000;

/** What the caller knows of this machine. */
export interface Surroundings {
  /** The program redis-server or valkey-server; null: there is none. */
  readonly redisProgram: string | null;
  /** The folder with the three SQL folders, and where `.local` is kept; the repository's own unless tests say otherwise. */
  readonly checkout?: string;
}

/** What is up so far. */
interface Run {
  readonly config: Config;
  readonly checkout: string;
  readonly console: Console;
  readonly stop: StopSignal;
  /** In the order they were started. */
  readonly parts: Part[];
  /** Told when a server that all else needs ends by itself. */
  readonly broken: (name: string) => void;
}

/**
 * `npm start`: control database, Redis, API, worker and a target to try things on, up until Ctrl-C.
 * @returns the exit code
 */
export async function main(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const config = readConfig();
  const console = createConsole(typeof config !== 'string' && config.colored);
  if (argv.length > 0 || typeof config === 'string') {
    console.line(typeof config === 'string' ? config : USAGE);
    return 2;
  }
  const stop = watchStopSignal();
  let broken: (name: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => {
    broken = resolve;
  });
  const run: Run = { config, checkout: surroundings.checkout ?? CHECKOUT, console, stop, parts: [], broken };
  try {
    await Promise.race([startAll(run, surroundings.redisProgram), stop.wished]);
    const name = await Promise.race([stop.wished.then(() => null), ended]);
    if (name === null) return 0;
    console.line(console.red(`${name} has stopped by itself: everything else is stopped too. Type npm start again.`));
    return 1;
  } catch (error) {
    if (stop.isWished()) return 130;
    if (!isForPeople(error)) throw error;
    const hint = 'hint' in error ? `\n${error.hint}` : '';
    console.line(`${console.red('Not started.')} ${error.message}${hint}`);
    return 1;
  } finally {
    if (run.parts.length > 0) console.line(farewell(run.parts, console));
    await stopParts(run.parts, stop.insisted, (text) => console.line(text));
  }
}

async function startAll(run: Run, redisProgram: string | null): Promise<void> {
  const { config, checkout, console, stop } = run;
  const local = join(checkout, '.local');
  await mkdir(local, { recursive: true });
  await requirePort(config.host, config.port, local);
  const embedded = config.databaseUrl === null ? await startPostgres(run) : null;
  if (stop.isWished()) return;
  const redisUrl = config.redisUrl ?? (await startRedis(run, redisProgram, local));
  const sealed = await keptSecret(join(local, 'encryption-key'), () => randomBytes(32).toString('base64'));
  const apiKey = await keptSecret(join(local, 'api-key'), generateKey);
  const databaseUrl = config.databaseUrl ?? embedded?.dsnOf(CONTROL_DATABASE) ?? '';
  const key = config.apiKey ?? apiKey.value;
  // Here and not by API and worker, which would wait for a database that is not there.
  await migrateControlDatabase(databaseUrl, CONNECT_TIMEOUT_MS);
  if (stop.isWished()) return;
  const signInCodes = new SignInCodes();
  await startService(
    {
      environment: config.environment,
      host: config.host,
      port: config.port,
      databaseUrl,
      redisUrl,
      encryptionKey: config.encryptionKey ?? sealed.value,
      apiKey: key,
      sqlRoot: checkout,
      signInCodes,
    },
    (part) => run.parts.push(part),
  );
  const address = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${config.port}`;
  const isFirst = embedded !== null && (await prepareLocal(run, embedded, address, key, sealed.isNew));
  if (stop.isWished()) return;
  const standing: Standing = {
    host: config.host,
    port: config.port,
    // Made last: its fifteen minutes begin when it is shown.
    signInCode: signInCodes.make(),
    controlDatabase: describeConnection(parseDsn(databaseUrl)),
    dataDirectory: embedded?.dataDirectory ?? null,
    redis: config.redisUrl === null ? 'its own, data in .local/redis' : 'that of REDIS_URL',
    key: isFirst || apiKey.isNew ? key : null,
    keyIsGiven: config.apiKey !== null,
    target: embedded === null ? null : LOCAL_TARGET,
  };
  console.line(welcome(standing, console));
}

async function startPostgres({ config, checkout, console, parts, broken }: Run): Promise<EmbeddedPostgres> {
  const databases = [CONTROL_DATABASE, LOCAL_TARGET, SPARE_DATABASE];
  const say = (text: string): void => console.line(console.dim(text));
  const embedded = await startEmbedded(checkout, config.postgresPort, databases, say);
  parts.push(partOf('Postgres', embedded.server, broken));
  return embedded;
}

async function startRedis({ parts, broken }: Run, program: string | null, local: string): Promise<string> {
  if (program === null) throw new SetupError('There is no redis-server here. Install one, or set REDIS_URL.');
  const redis = await startKeptRedis(program, local);
  parts.push(partOf('Redis', redis, broken));
  return redis.url;
}

/** A server of ours: whoever else ends it ends everything. */
function partOf(
  name: string,
  server: { readonly exited: Promise<void>; stop(): Promise<void> },
  broken: (name: string) => void,
): Part {
  let isStopping = false;
  void server.exited.then(() => {
    if (!isStopping) broken(name);
  });
  const stop = async (): Promise<void> => {
    isStopping = true;
    await server.stop();
  };
  return { name, stop, mayBeLeft: false };
}

/** Registers the target; on the first start brings the example to it. Gives whether it was the first. */
async function prepareLocal(
  { console, stop, checkout }: Run,
  embedded: EmbeddedPostgres,
  address: string,
  key: string,
  keyIsNew: boolean,
): Promise<boolean> {
  const api = createApiClient(address, key);
  const dsn = embedded.dsnOf(LOCAL_TARGET);
  for (const database of [LOCAL_TARGET, SPARE_DATABASE]) {
    const file = join(checkout, '.local', `${database}-dsn`);
    await writeFile(file, `${embedded.dsnOf(database)}\n`, { mode: 0o600 });
  }
  try {
    await registerLocal(api, dsn, parseDsn(dsn), keyIsNew);
    if (!(await isUntouched(api))) return false;
    console.line(`First start: bringing the example to the target "${LOCAL_TARGET}", over HTTP.\n`);
    await bringExample(api, console, () => stop.isWished());
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw error;
    // The service stands, and its answer says what is wrong: no reason to take it down.
    console.line(`${console.red('The API refused:')} ${error.message}\n`);
  }
  return true;
}

function isForPeople(error: unknown): error is SetupError | SqlDeployError | ControlPlaneError | ConfigError {
  return [SetupError, SqlDeployError, ControlPlaneError, ConfigError].some((kind) => error instanceof kind);
}

const USAGE = `npm start takes no arguments. It starts the service: its Postgres, its Redis, the API, a worker, and a target to try.
PORT               where the API listens (3000)
DATABASE_URL       a control database of your own instead of the embedded one; ENCRYPTION_KEY is needed then
REDIS_URL          a Redis of your own
POSTGRES_PORT      the port of the embedded Postgres (also PGPORT; else that of the last time, or any that is free)
All others: docs/operations.md`;
