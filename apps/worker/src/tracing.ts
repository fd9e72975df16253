import type { Claim } from '@postgres-manager/control-plane';
import type { EvictedEvent, Failure, RunEvent } from '@postgres-manager/sql-deploy';
import type { Telemetry } from 'bullmq';

/** The trace of one run: a span of its own, and one for each step. */
export interface RunTrace {
  note(event: RunEvent | EvictedEvent): void;
  end(status: string, failure: Failure | null): void;
}

/** Where spans go. */
export interface Tracing {
  /** For the queue; null: none is wanted. */
  readonly telemetry: Telemetry | null;
  /** A span whose parent is the request that entered the deployment. */
  runBegins(claim: Claim): RunTrace;
  /** Sends what is left. */
  close(): Promise<void>;
}

const NO_TRACE: RunTrace = { note: () => undefined, end: () => undefined };
const NO_TRACING: Tracing = { telemetry: null, runBegins: () => NO_TRACE, close: () => Promise.resolve() };

/** Loads the OpenTelemetry packages only when traces are wanted: they cost memory and start-up time. */
export async function openTracing(endpoint: string | null): Promise<Tracing> {
  if (endpoint === null) return NO_TRACING;
  const { openOtelTracing } = await import('./otel-tracing.ts');
  return openOtelTracing(endpoint);
}
