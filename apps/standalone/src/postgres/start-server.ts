import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Account } from './account.ts';
import { freePort } from './free-port.ts';
import { SetupError } from './setup-error.ts';

export interface ServerOptions {
  /** The folder with the program `postgres`. */
  readonly binDirectory: string;
  /** A cluster made by createCluster. */
  readonly dataDirectory: string;
  /** For the Unix socket and its lock file; writable for the account. */
  readonly socketDirectory: string;
  /** A port of 127.0.0.1; null: any that is free. */
  readonly port: number | null;
  /** Whom to run as; null: as this process. */
  readonly account: Account | null;
  /** Server settings: `{max_connections: '200'}`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A folder to remove once the server is gone, should this process end without having stopped it. */
  readonly removeIfOrphaned?: string;
}

export interface RunningServer {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the server is gone, whoever stopped it. */
  readonly exited: Promise<void>;
  /** Ends every session, writes a checkpoint, and resolves when the server is gone. */
  stop(): Promise<void>;
  /** Kills the server at once, as a crash would; the next start recovers. */
  kill(): Promise<void>;
}

/** Why a server did not start; `output` is what it said. */
export class ServerStartError extends SetupError {
  readonly output: string;

  constructor(message: string, output: string) {
    super(`${message}\n${output.trim()}`);
    this.name = 'ServerStartError';
    this.output = output;
  }

  get portInUse(): boolean {
    return this.output.includes('Address already in use');
  }
}

/**
 * Replaces itself by Postgres, and leaves a watcher behind that holds the reading end of our pipe: however this
 * process ends (kill -9 included), the pipe closes then and Postgres is told to stop. The watcher is a grandchild,
 * because a postmaster takes the death of a child it did not start for a crash.
 */
const STARTER = `
remove=$1; shift
server=$$
exec 3<&0
( (
  trap '' INT TERM HUP
  said=$(cat <&3)
  [ "$said" = stopped ] && exit
  kill -INT "$server"
  [ -z "$remove" ] && exit
  while kill -0 "$server"; do sleep 0.05; done
  rm -rf -- "$remove"
) >/dev/null 2>&1 & )
exec 3<&-
exec "$@" </dev/null
`;

const READY = 'database system is ready to accept connections';
const PORT_TRIES = 10;

/**
 * Starts a server that ends with this process, and waits until it takes connections.
 * @throws ServerStartError
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  if (options.port !== null) return await startOn(options.port, options);
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOn(await freePort(), options);
    } catch (error) {
      // Somebody took the port between our look and the server's.
      if (attempt === PORT_TRIES || !(error instanceof ServerStartError && error.portInUse)) throw error;
    }
  }
}

async function startOn(port: number, options: ServerOptions): Promise<RunningServer> {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: options.socketDirectory,
    lc_messages: 'C',
    ...options.settings,
  };
  const server = spawn(
    '/bin/sh',
    [
      '-c',
      STARTER,
      'sh',
      options.removeIfOrphaned ?? '',
      join(options.binDirectory, 'postgres'),
      '-D',
      options.dataDirectory,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    // A session of its own: Ctrl-C in the terminal is for us alone, and we stop the server in our own time.
    { ...options.account, cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'pipe'] },
  );
  const exited = new Promise<void>((resolve) => {
    server.once('exit', () => resolve());
  });
  await ready(server);
  return {
    host: '127.0.0.1',
    port,
    pid: server.pid as number,
    exited,
    stop: () => end(server, 'SIGINT', exited),
    kill: () => end(server, 'SIGQUIT', exited),
  };
}

async function ready(server: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let output = '';
    // Written to when we stop the server; a watcher that is gone already is no fault.
    server.stdin?.on('error', () => undefined);
    server.stderr?.setEncoding('utf8');
    // Goes on being read after the start, since a full pipe would stop the server.
    server.stderr?.on('data', (text: string) => {
      output = (output + text).slice(-10_000);
      if (output.includes(READY)) resolve();
    });
    server.once('error', (error) => reject(new ServerStartError('Postgres could not be started.', error.message)));
    server.once('close', () => reject(new ServerStartError('Postgres stopped during its start.', output)));
  });
}

async function end(server: ChildProcess, signal: NodeJS.Signals, exited: Promise<void>): Promise<void> {
  server.stdin?.end('stopped');
  server.kill(signal);
  await exited;
}
