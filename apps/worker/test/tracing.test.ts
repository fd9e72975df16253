import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openStage } from './support/stage.ts';
import { environmentOf, startProgram } from './support/worker-process.ts';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
}

interface Traces {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
}

test('a run and its steps belong to the trace of the request that asked for them', async () => {
  const spans: Span[] = [];
  const collector = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(body) as Traces;
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void collector.close());
  const stage = await openStage();
  onTestFinished(() => stage.close());
  const { port } = collector.address() as AddressInfo;
  const program = startProgram({ ...environmentOf(stage), OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });
  await program.said('Worker started.');
  const { name } = await stage.target();
  const bundle = await stage.bundle({
    'deployment/00000-a.sql': 'SELECT 1;',
    'deployment/00001-b.sql': 'SELECT wrong;',
  });
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const id = await stage.deploy(name, bundle, { traceParent: `00-${traceId}-b7ad6b7169203331-01` });
  await stage.final(id);
  program.signal('SIGTERM');
  expect(await program.exited).toBe(0);
  const run = spans.find((span) => span.name === 'run deployment');
  expect(run).toMatchObject({ traceId, parentSpanId: 'b7ad6b7169203331' });
  const steps = spans.filter((span) => span.name.startsWith('step '));
  expect(steps.map((span) => span.name)).toEqual(['step deployment/00000-a.sql', 'step deployment/00001-b.sql']);
  for (const step of steps) expect(step).toMatchObject({ traceId, parentSpanId: run?.spanId });
  // The queue's own spans are there too.
  expect(spans.some((span) => span.name.includes('postgres-manager-deployments'))).toBe(true);
});
