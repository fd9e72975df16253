import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Metrics } from '../observability/metrics.ts';
import type { Caller } from './caller.ts';

const SANE_ID = /^[A-Za-z0-9._:-]{1,100}$/;

/** Gives each request an id, writes one line about it when it is over, and counts it. */
export function requestLog(log: Logger, metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const given = request.get('x-request-id');
    const requestId = given !== undefined && SANE_ID.test(given) ? given : randomUUID();
    response.locals['requestId'] = requestId;
    response.set('x-request-id', requestId);
    const started = performance.now();
    response.once('close', () => {
      const seconds = (performance.now() - started) / 1000;
      const route = String(response.locals['route'] ?? 'none');
      const caller = response.locals['caller'] as Caller | undefined;
      metrics.requests.inc({ method: request.method, route, status: String(response.statusCode) });
      // These last as long as their readers wish.
      if (!/\/(?:events|export)$/.test(request.path))
        metrics.requestSeconds.observe({ method: request.method, route }, seconds);
      log[route === 'none' ? 'debug' : 'info'](
        {
          requestId,
          method: request.method,
          route,
          status: response.statusCode,
          ms: Math.round(seconds * 1000),
          key: caller?.name,
          code: response.locals['problemCode'] as string | undefined,
        },
        `${request.method} ${route} ${response.statusCode}`,
      );
    });
    next();
  };
}
