/** What `npm start` can be told through the environment. */
export interface Config {
  /** The database to use instead of an embedded one; null: the embedded one. */
  readonly databaseUrl: string | null;
  /** The port of the embedded Postgres; null: any that is free. */
  readonly port: number | null;
}

/**
 * Reads the environment: the only place in this app that does.
 * An empty variable counts as not set; POSTGRES_PORT goes before PGPORT.
 * @returns the settings, or a sentence that says what is wrong with them
 */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config | string {
  const databaseUrl = env['DATABASE_URL']?.trim() || null;
  for (const name of ['POSTGRES_PORT', 'PGPORT']) {
    const text = env[name]?.trim();
    if (!text) continue;
    const port = Number(text);
    if (!/^\d+$/.test(text) || port < 1 || port > 65_535) return `${name} is to be a port from 1 to 65535.`;
    return { databaseUrl, port };
  }
  return { databaseUrl, port: null };
}
