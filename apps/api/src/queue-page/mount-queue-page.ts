import { isKeyGood } from '@postgres-manager/control-plane';
import type { Express, NextFunction, Request, RequestHandler, Response } from 'express';
import { HttpProblem } from '../http/problem.ts';
import type { Services } from '../services.ts';
import { passOf, QUEUE_PAGE_PATH } from './pass-cookie.ts';
import type { QueuePage } from './queue-page.ts';

/**
 * Its scripts and styles come from here; it writes styles into its markup, and asks another site for fonts, which is
 * refused: it has others. `base-uri` because its page has a base.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'self'",
].join('; ');
const CLOSED = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Queue · Postgres Manager</title></head><body>
<h1>The queue’s page is opened from the dashboard</h1><p>It is for admins, half an hour at a time. Nothing was changed.</p>
<p><a href="/">Go to the dashboard</a>, sign in with an admin’s key, and choose “Queue’s page” at the foot of the menu.</p>
</body></html>`;

/** Mounts it; where it is off, that path is like any other that is not there. */
export function mountQueuePage(app: Express, services: Services): void {
  if (services.queuePage === null) return;
  app.use(QUEUE_PAGE_PATH, onlyRead, onlyWithPass(services, services.queuePage), services.queuePage.board, notThere);
}

/** Whatever the page offers: what it could change is changed by requests of other methods. */
function onlyRead(request: Request, response: Response, next: NextFunction): void {
  response.locals['route'] = QUEUE_PAGE_PATH;
  if (request.method === 'GET' || request.method === 'HEAD') {
    next();
    return;
  }
  throw new HttpProblem({
    status: 405,
    code: 'method_not_allowed',
    detail: `The queue’s page is for reading: it takes no ${request.method}. Nothing was done.`,
    hint: 'Deployments are cancelled and retried by the API’s own calls, and in the dashboard.',
    headers: { allow: 'GET, HEAD' },
  });
}

function onlyWithPass({ db }: Services, { passes }: QueuePage): RequestHandler {
  return async (request, response, next) => {
    const pass = passOf(request);
    const keyId = pass === null ? null : passes.keyOf(pass);
    // Asked each time: with a key that is revoked or expires, its passes end.
    if (keyId !== null && (await isKeyGood(db, keyId))) {
      response.set('content-security-policy', POLICY);
      next();
      return;
    }
    if (request.accepts(['json', 'html']) === 'html') {
      response.status(401).set('cache-control', 'no-store').type('html').send(CLOSED);
      return;
    }
    throw new HttpProblem({
      status: 401,
      code: 'queue_page_closed',
      detail:
        'The queue’s page takes a cookie that is good for half an hour, and this request has none that is good. Nothing was done.',
      hint: 'Open it from the dashboard, signed in with an admin’s key; or take the cookie that POST /v1/queue-page gives.',
    });
  };
}

function notThere(): void {
  throw new HttpProblem({
    status: 404,
    code: 'path_unknown',
    detail: 'The queue’s page has nothing at this path. Nothing was done.',
    hint: `It begins at ${QUEUE_PAGE_PATH}.`,
  });
}
