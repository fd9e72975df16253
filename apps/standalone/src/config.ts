/** The environment, or what stands for it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What `npm start` can be told through the environment. */
export interface Config {
  /** Where the API listens. */
  readonly host: string;
  readonly port: number;
  /** The control database to use instead of an embedded one; null: the embedded one. */
  readonly databaseUrl: string | null;
  /** The Redis to use instead of one of its own; null: its own. */
  readonly redisUrl: string | null;
  /** The port of the embedded Postgres; null: that of the last time, or any that is free. */
  readonly postgresPort: number | null;
  readonly encryptionKey: string | null;
  /** The admin key to enter; null: one is made and kept in `.local/api-key`. */
  readonly apiKey: string | null;
  /** Colours on the terminal. */
  readonly colored: boolean;
  /** All of it, for the API and the worker, which read what is theirs with their own parsers. */
  readonly environment: Environment;
}

const DEFAULT_PORT = 3000;
const NEEDS_KEY = `ENCRYPTION_KEY is not set. With a control database of your own it has to be: it encrypts the DSNs of the targets,
and every process that works on that database needs the same one. Make one, and keep it:

    export ENCRYPTION_KEY="$(openssl rand -base64 32)"`;

/**
 * Reads the environment: the only place in this app that does.
 * An empty variable counts as not set; POSTGRES_PORT goes before PGPORT.
 * @returns the settings, or what is wrong with them, for people
 */
export function readConfig(environment: Environment = process.env): Config | string {
  const value = (name: string): string | null => environment[name]?.trim() || null;
  const faults: string[] = [];
  const port = (...names: string[]): number | null => {
    for (const name of names) {
      const text = value(name);
      if (text === null) continue;
      const number = Number(text);
      if (/^\d+$/.test(text) && number >= 1 && number <= 65_535) return number;
      faults.push(`${name} is to be a port from 1 to 65535.`);
      return null;
    }
    return null;
  };
  const config: Config = {
    host: value('HOST') ?? '127.0.0.1',
    port: port('PORT') ?? DEFAULT_PORT,
    databaseUrl: value('DATABASE_URL'),
    redisUrl: value('REDIS_URL'),
    postgresPort: port('POSTGRES_PORT', 'PGPORT'),
    encryptionKey: value('ENCRYPTION_KEY'),
    apiKey: value('BOOTSTRAP_API_KEY'),
    colored: process.stdout.isTTY && value('NO_COLOR') === null && value('TERM') !== 'dumb',
    environment,
  };
  if (config.databaseUrl !== null && config.encryptionKey === null) faults.push(NEEDS_KEY);
  return faults.length === 0 ? config : faults.join('\n');
}
