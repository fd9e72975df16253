import { type JOB_NAME, type JobPayload, jobPayload, QUEUE_NAME, QUEUE_PREFIX } from '@postgres-manager/control-plane';
import { type Telemetry, Worker } from 'bullmq';
import { Redis } from 'ioredis';

export interface QueueWorkerOptions {
  readonly redisUrl: string;
  readonly concurrency: number;
  readonly jobLockMs: number;
  readonly stalledMs: number;
  readonly telemetry: Telemetry | null;
  /** Called for each ring; its job is held until this resolves. */
  readonly onRing: (deploymentId: string) => Promise<void>;
  /** Job locks were lost (Redis was emptied, or this process stood still): the right to run is to be checked. */
  readonly onLockLost: () => void;
  /** Told of faults of Redis, by their message alone. */
  readonly onError: (message: string) => void;
}

export interface QueueWorker {
  /** Takes no further jobs; resolves when those in hand are done. */
  close(): Promise<void>;
  /** Lets go of Redis, whatever is in hand. */
  disconnect(): void;
}

/** A job that stalls may be a lost worker's: never let BullMQ fail it, attempts are counted in the control database. */
const ANY_NUMBER = 1_000_000;

/** Answers the bell: each job says "look at this deployment", and nothing else. */
export function startQueueWorker(options: QueueWorkerOptions): QueueWorker {
  const connection = new Redis(options.redisUrl, {
    maxRetriesPerRequest: null,
    connectTimeout: 2000,
    keepAlive: 5000,
    retryStrategy: (times) => Math.min(100 * times, 2000),
  });
  // BullMQ puts whole Lua scripts into its errors: only the message is for a log.
  connection.on('error', (error) => options.onError(error.message));
  const worker = new Worker<JobPayload, void, typeof JOB_NAME>(
    QUEUE_NAME,
    async (job) => {
      const payload = jobPayload.safeParse(job.data);
      if (payload.success) await options.onRing(payload.data.deploymentId);
      else options.onError(`a job that is none of ours was dropped: ${job.id ?? 'without id'}`);
    },
    {
      connection,
      prefix: QUEUE_PREFIX,
      concurrency: options.concurrency,
      lockDuration: options.jobLockMs,
      stalledInterval: options.stalledMs,
      maxStalledCount: ANY_NUMBER,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      ...(options.telemetry === null ? {} : { telemetry: options.telemetry }),
    },
  );
  worker.on('error', ({ message }) => {
    // What a job whose lock was lost says when it ends: told by onLockLost.
    if (!/\block for job|Missing (lock|key) for job/i.test(message)) options.onError(message);
  });
  // The right to run is the lease in the control database, not the job: a Redis that was emptied stops no statement.
  worker.on('lockRenewalFailed', options.onLockLost);
  return {
    close: async () => {
      await worker.close();
      connection.disconnect();
    },
    disconnect: () => {
      worker.close(true).catch((error: unknown) => options.onError(String(error)));
      connection.disconnect();
    },
  };
}
