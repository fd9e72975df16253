import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { eventually, QUICK } from './stage.ts';

/** A worker in a process of its own. */
export interface WorkerProcess {
  /** Everything it has written. */
  output(): string;
  /** Waits until it has written this. */
  said(text: string): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Its exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
}

/** What a worker in a process of its own needs to find. */
export interface Surroundings {
  readonly db: { readonly database: { readonly dsn: string } };
  readonly redis: { readonly url: string };
  readonly encryptionKey: string;
}

const DIST = new URL('../../dist/', import.meta.url);
const BIN = fileURLToPath(new URL('../../bin/postgres-manager-worker.js', import.meta.url));

/** As the program does it, but with the short times of tests. */
const QUICK_WORKER = `
  import { readConfig } from ${JSON.stringify(new URL('config.js', DIST).href)};
  import { startWorker } from ${JSON.stringify(new URL('main.js', DIST).href)};
  await startWorker({ ...readConfig(), timing: ${JSON.stringify(QUICK)} });
`;

/** The environment of a worker process. */
export function environmentOf(stage: Surroundings): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    DATABASE_URL: stage.db.database.dsn,
    REDIS_URL: stage.redis.url,
    ENCRYPTION_KEY: stage.encryptionKey,
  };
}

/** Starts one with the short times of tests; it ends with the running test at the latest. */
export async function startQuickProcess(stage: Surroundings, env: Record<string, string> = {}): Promise<WorkerProcess> {
  const started = spawnWorker(['--input-type=module', '-e', QUICK_WORKER], { ...environmentOf(stage), ...env });
  await started.said('Worker started.');
  return started;
}

/** Starts the program itself; not waited for. */
export function startProgram(env: Record<string, string>): WorkerProcess {
  return spawnWorker([BIN], { PATH: process.env['PATH'] ?? '', ...env });
}

function spawnWorker(args: string[], env: Record<string, string>): WorkerProcess {
  const child: ChildProcess = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (text: Buffer): void => {
    output += text.toString();
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const exited = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal ?? -1));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return {
    output: () => output,
    said: async (text) => {
      await eventually(
        () => Promise.resolve(output),
        (seen) => seen.includes(text),
      );
    },
    signal: (signal) => {
      child.kill(signal);
    },
    exited,
  };
}
