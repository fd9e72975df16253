import { type ChildProcess, spawn } from 'node:child_process';
import { freePort } from '../postgres/free-port.ts';
import { SetupError } from '../postgres/setup-error.ts';

export interface RedisOptions {
  /** redis-server or valkey-server. */
  readonly program: string;
  /** Where it keeps its data; null: in memory alone. */
  readonly dataDirectory: string | null;
  /** A port of 127.0.0.1; null: any that is free. */
  readonly port: number | null;
}

export interface RunningRedis {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the server is gone, whoever stopped it. */
  readonly exited: Promise<void>;
  /** Ends it in an orderly way, its data on disk. */
  stop(): Promise<void>;
  /** Kills it at once, as a crash would. */
  kill(): Promise<void>;
}

/**
 * Replaces itself by Redis, and leaves a watcher behind that holds the reading end of our pipe: however this process
 * ends (kill -9 included), the pipe closes then and Redis is told to stop.
 */
const STARTER = `
server=$$
exec 3<&0
( ( trap '' INT TERM HUP; cat <&3 >/dev/null; kill -TERM "$server" ) >/dev/null 2>&1 & )
exec 3<&-
exec "$@" </dev/null
`;

const READY = /ready to accept connections/i;
const PORT_TRIES = 10;

/**
 * Starts a Redis that ends with this process, set up for a queue: nothing is evicted, and with a data directory every
 * write is on disk within a second.
 * @throws SetupError with what the server said
 */
export async function startRedis(options: RedisOptions): Promise<RunningRedis> {
  if (options.port !== null) return await startOn(options.port, options);
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOn(await freePort(), options);
    } catch (error) {
      // Somebody took the port between our look and the server's.
      if (attempt === PORT_TRIES || !/Address already in use/i.test(String(error))) throw error;
    }
  }
}

async function startOn(port: number, { program, dataDirectory }: RedisOptions): Promise<RunningRedis> {
  const persistence =
    dataDirectory === null
      ? ['--save', '', '--appendonly', 'no']
      : ['--dir', dataDirectory, '--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec'];
  const server = spawn(
    '/bin/sh',
    [
      '-c',
      STARTER,
      'sh',
      program,
      '--bind',
      '127.0.0.1',
      '--port',
      String(port),
      '--maxmemory-policy',
      'noeviction',
      '--daemonize',
      'no',
      ...persistence,
    ],
    // A session of its own: Ctrl-C in the terminal is for us alone, and we stop the server in our own time.
    { detached: true, stdio: ['pipe', 'pipe', 'pipe'], cwd: dataDirectory ?? '/' },
  );
  const exited = new Promise<void>((resolve) => {
    server.once('exit', () => resolve());
  });
  await ready(server, port);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: server.pid as number,
    exited,
    stop: () => end(server, 'SIGTERM', exited),
    kill: () => end(server, 'SIGKILL', exited),
  };
}

async function ready(server: ChildProcess, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let output = '';
    server.stdin?.on('error', () => undefined);
    for (const stream of [server.stdout, server.stderr]) {
      stream?.setEncoding('utf8');
      // Goes on being read after the start, since a full pipe would stop the server.
      stream?.on('data', (text: string) => {
        output = (output + text).slice(-10_000);
        if (READY.test(output)) resolve();
      });
    }
    server.once('error', (error) => reject(new SetupError(`Redis could not be started: ${error.message}`)));
    server.once('close', () => {
      reject(new SetupError(`Redis stopped during its start (port ${port}).\n${output.trim()}`));
    });
  });
}

async function end(server: ChildProcess, signal: NodeJS.Signals, exited: Promise<void>): Promise<void> {
  server.kill(signal);
  await exited;
}
