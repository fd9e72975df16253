import { type Context, propagation, ROOT_CONTEXT, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Claim } from '@postgres-manager/control-plane';
import type { EvictedEvent, Failure, RunEvent } from '@postgres-manager/sql-deploy';
import { BullMQOtel } from 'bullmq-otel';
import type { RunTrace, Tracing } from './tracing.ts';

const NAME = 'postgres-manager-worker';

/** Sends spans over OTLP/HTTP. */
export function openOtelTracing(endpoint: string): Tracing {
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': NAME }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  // In one process with the API the first that comes is the global one; both send to the same place.
  provider.register();
  return {
    telemetry: new BullMQOtel({ tracerName: NAME }),
    runBegins: (claim) => new OtelRunTrace(provider, claim),
    close: () => provider.shutdown(),
  };
}

class OtelRunTrace implements RunTrace {
  readonly #provider: NodeTracerProvider;
  readonly #context: Context;
  readonly #span: Span;
  readonly #steps = new Map<string, Span>();

  constructor(provider: NodeTracerProvider, { deployment, traceParent, attempt, epoch }: Claim) {
    this.#provider = provider;
    const parent =
      traceParent === null ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, { traceparent: traceParent });
    const attributes = {
      'deployment.id': deployment.id,
      'deployment.target': deployment.target,
      'deployment.mode': deployment.mode,
      'deployment.bundle': deployment.bundle,
      'deployment.attempt': attempt,
      'deployment.epoch': epoch,
    };
    this.#span = provider.getTracer(NAME).startSpan(`run ${deployment.mode}`, { attributes }, parent);
    this.#context = trace.setSpan(parent, this.#span);
  }

  note(event: RunEvent | EvictedEvent): void {
    if (event.type === 'step_started' || event.type === 'step_finished' || event.type === 'step_failed') {
      const span = this.#stepSpan(event.path, event.type === 'step_finished' ? event.durationMs : 0);
      if (event.type === 'step_started') return;
      if (event.type === 'step_failed') fail(span, event.failure);
      this.#steps.delete(event.path);
      span.end();
    } else if (event.type !== 'step_progress' && event.type !== 'notice' && event.type !== 'planned') {
      this.#span.addEvent(event.type);
    }
  }

  /** A file that came in one round trip with others is told of only when it is done. */
  #stepSpan(path: string, durationMs: number): Span {
    const known = this.#steps.get(path);
    if (known !== undefined) return known;
    const span = this.#provider
      .getTracer(NAME)
      .startSpan(
        `step ${path}`,
        { attributes: { 'deployment.path': path }, startTime: new Date(Date.now() - durationMs) },
        this.#context,
      );
    this.#steps.set(path, span);
    return span;
  }

  end(status: string, failure: Failure | null): void {
    for (const span of this.#steps.values()) span.end();
    this.#steps.clear();
    this.#span.setAttribute('deployment.result', status);
    if (failure !== null) fail(this.#span, failure);
    this.#span.end();
  }
}

function fail(span: Span, { code, message, sqlstate }: Failure): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  span.setAttribute('error.type', sqlstate ?? code);
}
