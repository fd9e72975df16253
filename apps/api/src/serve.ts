import { ConfigError, ControlPlaneError } from '@postgres-manager/control-plane';
import { SqlDeployError } from '@postgres-manager/sql-deploy';
import type { ApiConfig } from './api-config.ts';
import { readConfig } from './config.ts';
import { type RunningApi, startApi } from './main.ts';

/** The API as a process of its own: up until SIGTERM or SIGINT. Gives the exit code. */
export async function serve(): Promise<number> {
  let config: ApiConfig;
  try {
    config = readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    say(error.message);
    return 2;
  }
  const giveUp = new AbortController();
  const wished = stopWished().then(() => giveUp.abort());
  let api: RunningApi;
  try {
    api = await startApi({ ...config, onFirstKey: showFirstKey, giveUp: giveUp.signal });
  } catch (error) {
    if (giveUp.signal.aborted) return 0;
    if ((error as { code?: unknown }).code === 'EADDRINUSE') {
      say(`Port ${config.port} of ${config.host} is in use by another program. Set PORT to another one.`);
      return 1;
    }
    if (!(error instanceof ControlPlaneError || error instanceof SqlDeployError)) throw error;
    say(`${error.message} ${error.hint}`);
    return 1;
  }
  await wished;
  await api.close();
  return 0;
}

function stopWished(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}

/** On standard error, apart from the log: it must not end up where logs are collected. */
function showFirstKey(key: string): void {
  say(`There was no admin key, so one was made. It is shown this once, and kept nowhere:\n\n    ${key}\n`);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
