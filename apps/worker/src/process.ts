import { ConfigError, ControlPlaneError } from '@postgres-manager/control-plane';
import { SqlDeployError } from '@postgres-manager/sql-deploy';
import { readConfig } from './config.ts';
import { type RunningWorker, startWorker } from './main.ts';
import { makeLoginsCheap } from './cheap-logins.ts';
import type { WorkerConfig } from './worker-config.ts';

/**
 * The worker as a process of its own: configured by the environment, stopped by SIGTERM or SIGINT.
 * @param complain takes what a person has to read when it can't start
 * @returns the exit code, when it has stopped: 0, or 2 when it could not start
 */
export async function runProcess(complain: (text: string) => void): Promise<number> {
  let stop: () => void = () => undefined;
  const stopped = new Promise<'stopped'>((resolve) => {
    stop = () => resolve('stopped');
  });
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  makeLoginsCheap();
  let config: WorkerConfig;
  let worker: RunningWorker | 'stopped';
  try {
    config = readConfig();
    // Nothing runs yet while it waits for the control database: then there is nothing to hand back either.
    worker = await Promise.race([startWorker(config), stopped]);
  } catch (error) {
    complain(reasonOf(error));
    return 2;
  }
  if (worker === 'stopped') return 0;
  await stopped;
  await worker.close({ graceMs: config.shutdownGraceMs });
  return 0;
}

function reasonOf(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof ControlPlaneError || error instanceof SqlDeployError) return `${error.message} ${error.hint}`;
  if ((error as { code?: unknown }).code === 'EADDRINUSE') {
    return `${(error as Error).message}. Choose another METRICS_PORT, or end what listens there.`;
  }
  throw error;
}
