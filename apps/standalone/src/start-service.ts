import { readConfig as readApiConfig, type SignInCodes, startApi } from '@postgres-manager/api';
import { readConfig as readWorkerConfig, startWorker } from '@postgres-manager/worker';
import type { Environment } from './config.ts';
import type { Part } from './parts.ts';

/** What API and worker have to be told, and what else the environment says to them. */
export interface ServiceSettings {
  readonly environment: Environment;
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly encryptionKey: string;
  /** The admin key to enter. */
  readonly apiKey: string;
  /** The folder with create, deployment and manual-deployment. */
  readonly sqlRoot: string;
  /** What a browser on this machine may sign in with. */
  readonly signInCodes: SignInCodes;
}

/**
 * Starts the API and a worker in this process, through the same parsers of the environment as they have alone.
 * @param started told of each part as soon as it has to be stopped
 */
export async function startService(settings: ServiceSettings, started: (part: Part) => void): Promise<void> {
  const environment: Environment = {
    LOG_LEVEL: 'warn',
    // To try webhooks with a receiver on this machine.
    WEBHOOK_ALLOW_INTERNAL: '127.0.0.0/8,::1/128,localhost',
    ...settings.environment,
    HOST: settings.host,
    PORT: String(settings.port),
    DATABASE_URL: settings.databaseUrl,
    REDIS_URL: settings.redisUrl,
    ENCRYPTION_KEY: settings.encryptionKey,
    BOOTSTRAP_API_KEY: settings.apiKey,
    SQL_ROOT: settings.environment['SQL_ROOT'] ?? settings.sqlRoot,
  };
  const workerConfig = readWorkerConfig(environment);
  const worker = await startWorker(workerConfig);
  const graceMs = workerConfig.shutdownGraceMs;
  started({ name: 'worker', stop: () => worker.close({ graceMs }), mayBeLeft: true });
  const api = await startApi({ ...readApiConfig(environment), signInCodes: settings.signInCodes });
  started({ name: 'API', stop: () => api.close(), mayBeLeft: true });
}
