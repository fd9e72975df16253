import {
  type Claim,
  ControlPlaneError,
  type Departure,
  departureFrom,
  type Deployment,
  type DeploymentFailure,
  resolveConnection,
} from '@postgres-manager/control-plane';
import {
  type ConnectionSettings,
  deploy,
  type DeployOptions,
  type EvictedEvent,
  type Report,
  type RunEvent,
  type TargetOptions,
} from '@postgres-manager/sql-deploy';
import { addressed, bundleMissing, internalFailure, secretFailure } from './failures.ts';
import type { Run } from './prepare-run.ts';
import type { Service } from './service.ts';

/** A report of the library, or why there is none. */
export type DeployResult =
  | { readonly kind: 'report'; readonly report: Report }
  /** What was to be run is not what was approved: nothing was. */
  | { readonly kind: 'departed'; readonly report: Report; readonly departure: Departure }
  | { readonly kind: 'failed'; readonly status: 'failed' | 'needs_attention'; readonly failure: DeploymentFailure };

/** Resolves the target's secret and runs the bundle on it. Returns when the target is left. */
export async function deployClaim(service: Service, run: Run): Promise<DeployResult> {
  const { claim, bundle, lease } = run;
  const { deployment } = claim;
  if (bundle === null) return { kind: 'failed', status: 'failed', failure: bundleMissing(deployment.bundle) };
  const connection = resolve(service, run);
  if ('failure' in connection) return { kind: 'failed', status: 'failed', failure: connection.failure };
  const trace = service.tracing.runBegins(claim);
  const gate = approvalGate(claim);
  try {
    const report = await deploy({
      ...targetOptions(service, run, connection),
      bundle,
      mode: deployment.mode,
      dryRun: deployment.dryRun,
      onError: deployment.onError,
      deploymentId: deployment.id,
      ...resolutionOf(run),
      reportLedger: true,
      admit: gate.admit,
      scripts: service.scripts,
      signal: lease.signal,
      onEvent: (event) => {
        noteEvent(service, run, event);
        trace.note(event);
      },
    });
    trace.end(report.status, report.failed);
    const departure = gate.departure();
    if (departure !== null) return { kind: 'departed', report, departure };
    return { kind: 'report', report: addressedReport(report, deployment) };
  } catch (error) {
    trace.end('internal_error', null);
    service.log.error({ deployment: deployment.id, err: error }, 'A run failed in a way that it should not.');
    return { kind: 'failed', status: 'needs_attention', failure: internalFailure(deployment.id) };
  }
}

interface ApprovalGate {
  readonly admit: NonNullable<DeployOptions['admit']>;
  readonly departure: () => Departure | null;
}

/** Holds each plan of a run against what was approved, before anything of it is run. */
function approvalGate({ approval, target: { address } }: Claim): ApprovalGate {
  let departure: Departure | null = null;
  return {
    admit: ({ steps, appliedEarlier }) => {
      departure = approval === null ? null : departureFrom(approval, { address, steps, appliedEarlier });
      return departure === null;
    },
    departure: () => departure,
  };
}

/** A person's answer that goes first, in the library's words. */
function resolutionOf({ claim: { resolution } }: Run): Pick<DeployOptions, 'resolution'> {
  if (resolution === null) return {};
  const outcome = resolution.outcome === 'applied' ? 'applied' : 'not_applied';
  return { resolution: { evidence: resolution.evidence, outcome } };
}

function addressedReport(report: Report, deployment: Deployment): Report {
  if (report.status !== 'needs_attention') return report;
  return {
    ...report,
    failed: report.failed === null ? null : addressed(report.failed, deployment),
    failures: report.failures.map((failure) => addressed(failure, deployment)),
  };
}

/** How a run, or the question what became of one, reaches and treats the target. */
export function targetOptions(service: Service, run: Run, connection: ConnectionSettings): TargetOptions {
  const { target, deployment, hasLedger } = run.claim;
  return {
    connection,
    runId: run.runId,
    isAbandoned: run.isAbandoned,
    appliedBy: deployment.createdBy,
    ...(target.identity === null ? {} : { expectIdentity: target.identity }),
    hasLedger,
    acceptIdentity: target.acceptIdentity,
    acceptPooler: target.acceptPooler,
    connectTimeoutMs: service.timing.connectTimeoutMs,
    lockWaitMs: service.timing.lockWaitMs,
    ...(target.lockTimeoutMs === null ? {} : { lockTimeoutMs: target.lockTimeoutMs }),
    ...(target.statementTimeoutMs === null ? {} : { statementTimeoutMs: target.statementTimeoutMs }),
  };
}

/** The settings to connect with, or why they can't be had. */
export function resolve(
  service: Service,
  { claim }: Run,
): ConnectionSettings | { readonly failure: DeploymentFailure } {
  try {
    return resolveConnection(claim.target, service.config.keyring, service.config.lookUpDsn);
  } catch (error) {
    if (!(error instanceof ControlPlaneError)) throw error;
    return { failure: secretFailure(error) };
  }
}

/** Takes an event of the library into the history and the metrics. */
export function noteEvent(service: Service, run: Run, event: RunEvent | EvictedEvent): void {
  run.progress.note(event, new Date());
  run.recorder.changed();
  service.metrics.note(event);
}
