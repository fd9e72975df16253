import { listWorkers } from '@postgres-manager/control-plane';
import type { Express } from 'express';
import { docsPage } from '../docs-page.ts';
import { HttpProblem } from '../http/problem.ts';
import { openApi } from '../openapi.ts';
import type { Services } from '../services.ts';
import { ROUTES } from './index.ts';

/** What needs no key: health, metrics, documents. */
export function mountHealth(app: Express, services: Services, version: string): void {
  const document = openApi(ROUTES, version);
  const page = docsPage(ROUTES, version);
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.get('/readyz', async (_request, response) => {
    const [workers, redis] = await Promise.all([listWorkers(services.db).catch(() => null), services.bell.isAlive()]);
    const ready = workers !== null && services.isStarted() && !services.stopping.aborted;
    response.status(ready ? 200 : 503).json({
      status: ready ? 'ready' : 'not_ready',
      controlDatabase: workers === null ? 'unavailable' : 'ok',
      redis: redis ? 'ok' : 'unavailable',
      workersAlive: workers?.filter((worker) => worker.alive).length ?? null,
    });
  });
  app.get('/metrics', async (request, response) => {
    const { metricsToken } = services.config;
    if (metricsToken !== null && request.get('authorization') !== `Bearer ${metricsToken}`) {
      throw new HttpProblem({
        status: 401,
        code: 'key_invalid',
        detail: 'The metrics take the token of METRICS_TOKEN.',
        hint: 'Send `Authorization: Bearer …` with it.',
        headers: { 'www-authenticate': 'Bearer realm="metrics"' },
      });
    }
    const { contentType, body } = await services.metrics.text();
    response.type(contentType).send(body);
  });
  app.get('/openapi.json', (_request, response) => {
    response.json(document);
  });
  app.get('/docs', (_request, response) => {
    response.type('html').send(page);
  });
  app.get('/', (_request, response) => {
    response.json({ name: 'Postgres Manager', version, docs: '/docs', openapi: '/openapi.json', health: '/readyz' });
  });
}
