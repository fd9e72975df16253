import { hostname } from 'node:os';
import {
  type Bell,
  headsOfLinesOf,
  listenForChanges,
  queueDue,
  reconcile,
  reportWorker,
  reportWorkerStopped,
} from '@postgres-manager/control-plane';
import type { Complaints } from './complaints.ts';
import { repeat } from './repeat.ts';
import type { Service } from './service.ts';
import { startWebhookSender } from './webhooks/webhook-sender.ts';

const DUE_AT_ONCE = 500;

export interface Duties {
  /** Asks at once which deployments are still this worker's, and which are to be cancelled. */
  renewNow(): void;
  stop(): Promise<void>;
}

/**
 * What every worker does beside running deployments: it keeps its leases, rings for what should be moving, queues what
 * is due, says that it lives, listens for cancels, and sends what webhooks are to be told.
 */
export function startDuties(
  service: Service,
  version: string,
  faults: { readonly database: Complaints; readonly redis: Complaints },
): Duties {
  const { timing, leases, config } = service;
  const quietly = (complaints: Complaints, work: () => Promise<void>) => async (): Promise<void> => {
    try {
      await work();
      complaints.well();
    } catch (error) {
      complaints.fault(error instanceof Error ? error.message : String(error));
    }
  };
  const renew = repeat(timing.renewMs, () => leases.renew());
  const overdue = repeat(Math.min(500, timing.leaseMs / 20), () => leases.stopOverdue());
  let from = '0';
  const rounds = repeat(timing.reconcileMs, async () => {
    from = await reconcileOnce(service, faults, from);
  });
  const due = repeat(
    timing.dueMs,
    quietly(faults.database, () => ringDue(service, faults.redis)),
  );
  const worker = { id: service.workerId, host: hostname(), pid: process.pid, version, concurrency: config.concurrency };
  const heartbeat = repeat(
    timing.heartbeatMs,
    quietly(faults.database, () => reportWorker(service.control, { ...worker, running: leases.size })),
  );
  const webhooks = startWebhookSender(
    { service, userAgent: `postgres-manager/${version} (webhooks)` },
    faults.database,
  );
  const stopListening = listenForChanges({
    url: config.redisUrl,
    // A hint: the control database is asked whether it is so.
    onChange: ({ cancel, deploymentIds }) => {
      if (cancel && deploymentIds.some((id) => leases.isHeld(id))) renew.now();
    },
    onReady: () => {
      faults.redis.well();
      rounds.now();
    },
    onError: (message) => faults.redis.fault(message),
  });
  return {
    renewNow: () => renew.now(),
    stop: async () => {
      stopListening();
      await Promise.all([rounds, due, renew, overdue, heartbeat, webhooks].map((loop) => loop.stop()));
      await reportWorkerStopped(service.control, service.workerId).catch((error: unknown) => {
        service.log.debug({ err: error }, 'The end of this worker could not be told; its heartbeat runs out.');
      });
    },
  };
}

/** @returns where the next round goes on */
async function reconcileOnce(
  { control, bell, log, rollouts }: Service,
  faults: { readonly database: Complaints; readonly redis: Complaints },
  from: string,
): Promise<string> {
  try {
    await rollouts.moveOverdue();
    const ringQuietly: Bell = {
      ...bell,
      ringMissing: async (heads) => {
        await bell.ringMissing(heads).then(
          () => faults.redis.well(),
          (error: unknown) => faults.redis.fault(String(error)),
        );
      },
    };
    const { abandoned, next } = await reconcile(control, ringQuietly, from);
    if (faults.redis.isStanding && (await bell.isAlive())) faults.redis.well();
    for (const { id } of abandoned) log.warn({ deployment: id }, 'Deployment taken from a worker that was lost.');
    faults.database.well();
    return next;
  } catch (error) {
    faults.database.fault(error instanceof Error ? error.message : String(error));
    return from;
  }
}

/** Scheduled deployments begin within a second of their time. */
async function ringDue({ control, bell }: Service, redis: Complaints): Promise<void> {
  const heads = await headsOfLinesOf(control.pool, await queueDue(control, DUE_AT_ONCE));
  if (heads.length > 0) await bell.ring(heads).catch((error: unknown) => redis.fault(String(error)));
}
