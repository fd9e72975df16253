import type { Random } from '../random.ts';
import type { Cluster } from './cluster.ts';
import { ROLLOUT_MOMENTS } from './failpoints.ts';
import { QUICK_TIMING, type Service } from './service.ts';
import type { Slot } from './slot.ts';
import { killSometime, type Tally, terminateBackend } from './storm.ts';
import { pause, seenWithin } from './wait.ts';

/** What is broken, and how it is counted. */
export interface MixedStorm {
  readonly service: Service;
  readonly controlCluster: Cluster;
  readonly targetClusters: readonly Cluster[];
  readonly random: Random;
  readonly tally: Tally;
  /** Processes that ended without being killed, with what they said last. */
  readonly deaths: string[];
  /** Between two faults of a kind: about so long. */
  readonly pauseMs: number;
}

type Break = (storm: MixedStorm) => Promise<void>;

/** Of processes: several at a time. */
const PROCESS_FAULTS: readonly Break[] = [
  killWorker,
  killMover,
  freezeWorker,
  killWorker,
  killMover,
  killApi,
  freezeMover,
];
/** Of servers and of the ways to them: one at a time. */
const SERVER_FAULTS: readonly Break[] = [
  emptyRedis,
  cutControl,
  terminateBackends,
  crashTargetServer,
  restartRedis,
  crashControl,
  terminateBackends,
  emptyRedis,
];
const PROCESS_LANES = 2;
const SUPERVISE_EVERY_MS = 200;

/** Breaks one thing after the other, each kind in its turn, until `isOver`; resolves when all is mended again. */
export async function breakEverything(storm: MixedStorm, isOver: () => boolean): Promise<void> {
  const lane = async (faults: readonly Break[], from: number): Promise<void> => {
    for (let turn = from; !isOver(); turn++) {
      await (faults[turn % faults.length] as Break)(storm);
      await pause(storm.random.between(storm.pauseMs / 2, storm.pauseMs * 1.5));
    }
  };
  let isMended = false;
  const supervisor = (async () => {
    while (!isMended) {
      await replaceDead(storm);
      await pause(SUPERVISE_EVERY_MS);
    }
  })();
  const half = Math.floor(PROCESS_FAULTS.length / PROCESS_LANES);
  const breaking = Promise.all([
    ...Array.from({ length: PROCESS_LANES }, (_, i) => lane(PROCESS_FAULTS, i * half)),
    lane(SERVER_FAULTS, 0),
  ]);
  breaking.catch(() => undefined);
  try {
    // A process that can't be started anew ends the storm.
    await Promise.race([breaking, supervisor]);
  } finally {
    isMended = true;
    await supervisor;
  }
  await replaceDead(storm);
}

async function onSome(random: Random, slots: readonly Slot[], act: (slot: Slot) => Promise<void>): Promise<void> {
  const up = slots.filter((slot) => slot.isUp && !slot.isTaken);
  if (up.length === 0) return;
  const slot = random.pick(up);
  await slot.take(() => act(slot));
}

/** As a supervisor does it: what has ended by itself is started anew; here it is also noted. */
async function replaceDead({ service, deaths }: MixedStorm): Promise<void> {
  for (const slot of [...service.apis, ...service.workers]) {
    if (slot.isUp || slot.isTaken) continue;
    deaths.push(`a process on port ${slot.port} ended by itself:\n${slot.output().slice(-1500)}`);
    await slot.take(() => slot.replace());
  }
}

async function killWorker({ service, random, tally }: MixedStorm): Promise<void> {
  await onSome(random, service.workers, async (slot) => {
    await killSometime(slot, random, tally, 'worker');
    await slot.replace();
  });
}

async function killMover({ service, random, tally }: MixedStorm): Promise<void> {
  await onSome(random, service.workers, async (slot) => {
    await killSometime(slot, random, tally, 'worker', ROLLOUT_MOMENTS);
    await slot.replace();
  });
}

async function killApi({ service, random, tally }: MixedStorm): Promise<void> {
  await onSome(random, service.apis, async (slot) => {
    await killSometime(slot, random, tally, 'API');
    await slot.replace();
  });
}

async function freezeWorker({ service, random, tally }: MixedStorm): Promise<void> {
  await onSome(random, service.workers, async (slot) => {
    slot.signal('SIGSTOP');
    await pause(QUICK_TIMING.leaseMs + random.between(200, 1500));
    slot.signal('SIGCONT');
    tally.add('worker frozen past its lease');
  });
}

/** With the rollout's row locked: nobody else can move it until the control database ends that transaction. */
async function freezeMover({ service, random, tally }: MixedStorm): Promise<void> {
  await onSome(random, service.workers, async (slot) => {
    let isHit = false;
    slot.control.arm(ROLLOUT_MOMENTS['before a move is written'], () => {
      isHit = true;
      slot.signal('SIGSTOP');
      return 'none';
    });
    await seenWithin(() => isHit, Boolean, 1500);
    slot.control.disarm();
    if (!isHit) return;
    await pause(QUICK_TIMING.leaseMs + random.between(200, 1500));
    slot.signal('SIGCONT');
    tally.add('worker frozen in the middle of a move');
  });
}

async function emptyRedis({ service, tally }: MixedStorm): Promise<void> {
  await service.redis.flush();
  tally.add('Redis emptied');
}

async function restartRedis({ service, random, tally }: MixedStorm): Promise<void> {
  await service.redis.kill();
  await pause(random.between(0, 1000));
  await service.redis.start({ empty: true });
  tally.add('Redis killed, its data lost');
}

async function cutControl({ service, tally }: MixedStorm): Promise<void> {
  for (const { controlLine } of [...service.apis, ...service.workers]) controlLine.cut();
  tally.add('connections to the control database cut');
}

async function crashControl({ controlCluster, random, tally }: MixedStorm): Promise<void> {
  await controlCluster.crash();
  await pause(random.between(0, 800));
  await controlCluster.start();
  tally.add('control database crashed');
}

async function crashTargetServer({ targetClusters, random, tally }: MixedStorm): Promise<void> {
  const cluster = random.pick(targetClusters);
  await cluster.crash();
  await pause(random.between(0, 500));
  await cluster.start();
  tally.add('target server crashed');
}

async function terminateBackends({ targetClusters, tally }: MixedStorm): Promise<void> {
  for (const targetCluster of targetClusters) {
    if (await terminateBackend({ targetCluster })) tally.add('backend terminated');
  }
}
