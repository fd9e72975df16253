import express, { type Express } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { STYLE_SOURCE } from './docs-page.ts';
import type { Caller } from './http/caller.ts';
import { errorHandler } from './http/error-handler.ts';
import { mountRoutes } from './http/mount.ts';
import { HttpProblem } from './http/problem.ts';
import { requestLog } from './http/request-log.ts';
import { mountPage } from './page/mount-page.ts';
import { mountQueuePage } from './queue-page/mount-queue-page.ts';
import { mountHealth } from './routes/health.ts';
import { ROUTES } from './routes/index.ts';
import type { Services } from './services.ts';
import type { Tracing } from './observability/tracing.ts';

/** The API as an Express application. */
export function createApp(services: Services, version: string, tracing: Tracing | null): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          styleSrc: [STYLE_SOURCE],
          frameAncestors: ["'none'"],
          baseUri: ["'none'"],
        },
      },
    }),
  );
  app.use(requestLog(services.log, services.metrics));
  if (tracing !== null) app.use(tracing.middleware);
  // Before the dashboard, which answers browsers at every path that is nobody else's.
  mountQueuePage(app, services);
  mountPage(app, services.config.pageFolder);
  mountHealth(app, services, version);
  app.use((_request, _response, next) => {
    if (!services.isStarted()) throw notStarted();
    next();
  });
  mountRoutes(app, ROUTES, services, {
    byKey: limitByKey(services.config.rateLimitPerMinute),
    byAddress: limitByAddress(),
  });
  app.use((request) => {
    throw new HttpProblem({
      status: 404,
      code: 'path_unknown',
      detail: `There is no ${request.method} of this path. Nothing was done.`,
      hint: '/docs lists every call.',
    });
  });
  app.use(errorHandler(services.log));
  return app;
}

function notStarted(): HttpProblem {
  return new HttpProblem({
    status: 503,
    code: 'control_database_unavailable',
    detail: 'The service is starting: the control database has not answered yet. Nothing was done.',
    hint: 'Send it again in a few seconds; /readyz tells when all is there, and the log of the API what it waits for.',
    headers: { 'retry-after': '2' },
  });
}

const KEYLESS_PER_MINUTE = 20;

/** For what takes no key. The address is that of the connection: what headers say of it anybody can write. */
function limitByAddress(): express.RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: KEYLESS_PER_MINUTE,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: ({ socket }) => socket.remoteAddress ?? '',
    handler: (_request, _response, next) => {
      next(
        new HttpProblem({
          status: 429,
          code: 'rate_limited',
          detail: `There were ${KEYLESS_PER_MINUTE} requests without a key from this address within a minute. Nothing was done.`,
          hint: 'Wait a minute and send it again.',
        }),
      );
    },
  });
}

function limitByKey(perMinute: number): express.RequestHandler {
  if (perMinute === 0) return (_request, _response, next) => next();
  return rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // What is counted is the key, not the address: behind a proxy all come from one.
    keyGenerator: (_request, response) => (response.locals['caller'] as Caller).keyId,
    handler: (_request, _response, next) => {
      next(
        new HttpProblem({
          status: 429,
          code: 'rate_limited',
          detail: `This key has made ${perMinute} requests within a minute. Nothing was done.`,
          hint: 'Wait a little; RATE_LIMIT_PER_MINUTE of the API sets how many are taken.',
        }),
      );
    },
  });
}
