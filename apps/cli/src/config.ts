/** What the environment says. Texts are as given; an empty variable counts as not set. */
export interface Environment {
  readonly postgresDsn: string | null;
  readonly function: string | null;
  readonly dryRun: string | null;
  readonly manualDeploy: string | null;
  /** Address of the service. */
  readonly server: string | null;
  /** The key for the service: never printed, never put into a message. */
  readonly key: string | null;
  /** `never` when NO_COLOR is set (https://no-color.org), `always` with FORCE_COLOR, else by the terminal. */
  readonly color: 'never' | 'always' | 'auto';
  /** A terminal that can't rewrite its line gets the plain output. */
  readonly dumbTerminal: boolean;
}

/** Reads the environment: the only place in this app that does. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>> = process.env): Environment {
  const text = (name: string): string | null => {
    const value = env[name]?.trim();
    return value === undefined || value === '' ? null : value;
  };
  const forced = text('FORCE_COLOR');
  return {
    postgresDsn: text('POSTGRES_DSN'),
    function: text('FUNCTION'),
    dryRun: text('DRY_RUN'),
    manualDeploy: text('MANUAL_DEPLOY'),
    server: text('POSTGRES_MANAGER_SERVER'),
    key: text('POSTGRES_MANAGER_KEY'),
    color: text('NO_COLOR') !== null ? 'never' : forced !== null && forced !== '0' ? 'always' : 'auto',
    dumbTerminal: env['TERM'] === 'dumb',
  };
}
