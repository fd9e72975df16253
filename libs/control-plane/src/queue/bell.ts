import { Queue, type Telemetry } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Head } from '../deployments/line.ts';
import {
  CHANGES_CHANNEL,
  type ChangeMessage,
  JOB_NAME,
  jobId,
  type JobPayload,
  QUEUE_NAME,
  QUEUE_PREFIX,
} from './contract.ts';
import { openRedis } from './redis.ts';
import { Rounds, takeFirst } from './rounds.ts';

/** How many jobs go to Redis in one pipeline. */
const BATCH = 500;
/** No caller ever waits longer for Redis. */
const PATIENCE_MS = 1500;
const OPEN_AGAIN_MS = 1000;
/** Between two messages to watchers, each of which every process reads. */
const TELL_REST_MS = 10;
/** BullMQ's highest number is the last in line. */
const LOWEST_PRIORITY = 2_097_152;

type RingQueue = Queue<JobPayload, void, typeof JOB_NAME>;

/** Rings the workers, and tells other processes what has changed. Redis is a doorbell: losing all of it loses nothing. */
export interface Bell {
  /** Rings for these heads of lines. Rejects when Redis is away; whoever reconciles rings again. */
  ring(heads: readonly Head[]): Promise<void>;
  /** Rings for those of them for which nobody has rung: costs next to nothing where all are rung for. Rejects as `ring`. */
  ringMissing(heads: readonly Head[]): Promise<void>;
  /**
   * Tells who watches; a failure is told to `onError` alone, since watchers look by themselves too. What comes while
   * one message is under way is told in the next, all of it together.
   */
  tell(change: ChangeMessage): void;
  /** Jobs by state, for metrics. Rejects when Redis is away. */
  counts(): Promise<Record<string, number>>;
  /** Answers PING in time? */
  isAlive(): Promise<boolean>;
  close(): Promise<void>;
}

/** A bell whose queue can be shown. */
export interface OpenBell extends Bell {
  /**
   * The queue, for those who show it and do nothing else with it; another one after Redis was away while it was opened.
   * Rejects when Redis is away, and never waits long for it.
   */
  queue(): Promise<RingQueue>;
}

export interface BellOptions {
  /** REDIS_URL */
  readonly url: string;
  /** Told of faults of Redis, by their message alone. */
  readonly onError: (message: string) => void;
  /** Of `bullmq-otel`, when traces are wanted. */
  readonly telemetry?: Telemetry;
}

/** Opens the bell; connects in the background. */
export function openBell(options: BellOptions): OpenBell {
  const onError = (error: Error): void => options.onError(error.message);
  const redis: Redis = openRedis(options.url, onError);
  let isClosed = false;
  let queue = open();

  function open(): RingQueue {
    const opened: RingQueue = new Queue(QUEUE_NAME, {
      connection: redis,
      prefix: QUEUE_PREFIX,
      ...(options.telemetry === undefined ? {} : { telemetry: options.telemetry }),
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    });
    opened.on('error', onError);
    // A queue that lost Redis while it was being opened never comes to life: another takes its place.
    opened.waitUntilReady().catch(() => {
      const again = setTimeout(() => {
        if (!isClosed) queue = open();
      }, OPEN_AGAIN_MS);
      again.unref();
    });
    return opened;
  }

  const tells = new Rounds<ChangeMessage>({
    work: async (changes) => {
      const rolloutIds = [...new Set(changes.flatMap((change) => change.rolloutIds ?? []))];
      const message: ChangeMessage = {
        deploymentIds: [...new Set(changes.flatMap(({ deploymentIds }) => deploymentIds))],
        cancel: changes.some(({ cancel }) => cancel),
        // Left out where there are none: an older process understands it then.
        ...(rolloutIds.length === 0 ? {} : { rolloutIds }),
      };
      await inTime(redis.publish(CHANGES_CHANNEL, JSON.stringify(message))).catch(onError);
    },
    take: takeFirst(BATCH),
    restMs: TELL_REST_MS,
  });

  const ring = async (heads: readonly Head[]): Promise<void> => {
    for (const batch of batchesOf(heads)) await inTime(queue.addBulk(batch.map(toJob)));
  };

  return {
    ring,
    ringMissing: async (heads) => {
      for (const batch of batchesOf(heads)) {
        const keys = batch.map(({ id, epoch }) => queue.toKey(jobId(id, epoch)));
        // Ringing twice is ringing once, so which of them it is need not be known.
        if ((await inTime(redis.exists(keys))) < batch.length) await ring(batch);
      }
    },
    tell: (change) => tells.add(change),
    counts: () => inTime(queue.getJobCounts()),
    isAlive: () =>
      inTime(redis.ping()).then(
        () => true,
        () => false,
      ),
    queue: async () => {
      const current = queue;
      await inTime(Promise.all([current.waitUntilReady(), redis.ping()]));
      return current;
    },
    close: async () => {
      isClosed = true;
      await tells.settled();
      const closing = queue.close();
      // A queue that is still waiting for Redis waits no longer then.
      redis.disconnect();
      await closing.catch(onError);
    },
  };
}

function batchesOf(heads: readonly Head[]): Head[][] {
  return Array.from({ length: Math.ceil(heads.length / BATCH) }, (_, i) => heads.slice(i * BATCH, (i + 1) * BATCH));
}

function toJob(head: Head): Parameters<Queue<JobPayload, void, typeof JOB_NAME>['addBulk']>[0][number] {
  return {
    name: JOB_NAME,
    data: { deploymentId: head.id },
    opts: {
      jobId: jobId(head.id, head.epoch),
      delay: head.delayMs,
      ...(head.priority === 0 ? {} : { priority: queuePriority(head.priority) }),
    },
  };
}

/** BullMQ takes 0 (none, before all) and 1 (high) to 2^21; ours go the other way round. */
function queuePriority(priority: number): number {
  if (priority > 0) return 0;
  return Math.min(LOWEST_PRIORITY, -priority);
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Redis did not answer in time')), PATIENCE_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
    // Whoever is late may still fail: that is nobody's business any more.
    answer.catch(() => {});
  }
}
