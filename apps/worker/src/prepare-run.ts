import {
  type Claim,
  type DeploymentDetail,
  findDeploymentDetail,
  isDatabaseUnavailable,
  recordProgress,
} from '@postgres-manager/control-plane';
import type { Bundle } from '@postgres-manager/sql-deploy';
import type { Lease } from './leases.ts';
import { Recorder } from './recorder.ts';
import { abandonedRuns, runIdOf } from './run-ids.ts';
import { RunProgress } from './run-progress.ts';
import type { Service } from './service.ts';

/** One run of a deployment: everything it needs to know before the target is touched. */
export interface Run {
  readonly claim: Claim;
  readonly lease: Lease;
  /** Null when what is stored is not what its digest says, or is not there. */
  readonly bundle: Bundle | null;
  readonly runId: string;
  readonly isAbandoned: (runId: string) => boolean;
  /** An earlier attempt ended without a word on what it did: its worker or its connection was lost. */
  readonly isUnsettled: boolean;
  /** How many workers were lost while they had it in hand. */
  readonly lostAttempts: number;
  readonly progress: RunProgress;
  readonly recorder: Recorder;
}

/**
 * Reads what else the control database knows: the bundle, and earlier attempts.
 * @throws when the control database is away
 */
export async function prepareRun(service: Service, claim: Claim, lease: Lease): Promise<Run> {
  const { deployment, epoch, attempt } = claim;
  const [bundle, detail] = await Promise.all([
    loadVerified(service, deployment.bundle),
    attempt > 1 ? findDeploymentDetail(service.control, deployment.id, {}) : null,
  ]);
  const digests = new Map(bundle?.files.map((file) => [file.path, file.sha256]));
  const progress = new RunProgress(detail?.steps ?? [], digests, deployment.dryRun);
  return {
    claim,
    lease,
    bundle,
    runId: runIdOf(deployment.id, epoch),
    isAbandoned: abandonedRuns({ deploymentId: deployment.id, epoch }, claim.earlierRuns),
    isUnsettled: hasUnsettledAttempt(detail),
    lostAttempts: detail?.attempts.filter(({ outcome }) => outcome === 'lost').length ?? 0,
    progress,
    recorder: recorderOf(service, claim, lease, progress),
  };
}

async function loadVerified(service: Service, digest: string): Promise<Bundle | null> {
  try {
    return await service.bundles.get(digest);
  } catch (error) {
    if (isDatabaseUnavailable(error)) throw error;
    // It does not read back as what its digest says: then nothing of it may run.
    service.log.error({ bundle: digest, err: error }, 'A stored bundle cannot be used.');
    return null;
  }
}

function hasUnsettledAttempt(detail: DeploymentDetail | null): boolean {
  return (
    detail?.attempts.some(({ outcome, failure }) => outcome === 'lost' || failure?.code === 'connection_lost') === true
  );
}

function recorderOf(service: Service, claim: Claim, lease: Lease, progress: RunProgress): Recorder {
  const { held } = lease;
  return new Recorder({
    held,
    progress,
    flushMs: service.timing.flushMs,
    lastEvent: claim.lastEvent,
    write: async (batch, before) => {
      const lastEvent = await recordProgress(service.control, held, batch, before);
      service.bell.tell({ deploymentIds: [held.id], cancel: false });
      return lastEvent;
    },
    onLost: () => lease.abort('lease_lost'),
    onFault: (error) => service.log.debug({ deployment: held.id, err: error }, 'Progress is kept for later.'),
  });
}
