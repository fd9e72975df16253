import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { BullMQOtel } from 'bullmq-otel';
import type { BellOptions } from '@postgres-manager/control-plane';
import type { RequestHandler } from 'express';

/** Traces of this process. This file is loaded only when they are wanted. */
export interface Tracing {
  readonly middleware: RequestHandler;
  readonly queueTelemetry: NonNullable<BellOptions['telemetry']>;
  close(): Promise<void>;
}

/** @param endpoint such as http://collector:4318 */
export function startTracing(endpoint: string, version: string): Tracing {
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'postgres-manager-api', 'service.version': version }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  provider.register();
  const tracer = trace.getTracer('postgres-manager-api', version);
  return {
    middleware: (request, response, next) => {
      const parent = propagation.extract(context.active(), request.headers);
      const span = tracer.startSpan(`HTTP ${request.method}`, { kind: SpanKind.SERVER }, parent);
      const within = trace.setSpan(parent, span);
      const carrier: { traceparent?: string } = {};
      propagation.inject(within, carrier);
      response.locals['traceParent'] = carrier.traceparent;
      response.once('close', () => {
        span.updateName(`${request.method} ${String(response.locals['route'] ?? 'none')}`);
        span.setAttribute('http.response.status_code', response.statusCode);
        if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      });
      context.with(within, next);
    },
    queueTelemetry: new BullMQOtel({ tracerName: 'postgres-manager' }),
    close: () => provider.shutdown(),
  };
}
