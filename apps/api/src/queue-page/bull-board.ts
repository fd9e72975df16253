import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { OpenBell } from '@postgres-manager/control-plane';
import type { RequestHandler } from 'express';
import { HttpProblem } from '../http/problem.ts';
import { QUEUE_PAGE_PATH } from './pass-cookie.ts';

/**
 * The queue's own page, of bull-board, in its mode for reading. This file is loaded only where the page is wanted: its
 * packages take 10 MB of memory.
 */
export function queueBoard(bell: OpenBell): RequestHandler {
  let shown: Queue | null = null;
  const server = new ExpressAdapter();
  server.setBasePath(QUEUE_PAGE_PATH);
  const board = createBullBoard({
    queues: [],
    serverAdapter: server,
    options: {
      uiConfig: { boardTitle: 'The queue', pollingInterval: { showSetting: false, forceInterval: 5 } },
    },
  });
  const pages = server.getRouter() as RequestHandler;
  return async (request, response, next) => {
    // Its files are given in any case; what it asks of the queue would wait for Redis as long as that is away.
    if (request.path.startsWith('/api/')) {
      const current = await bell.queue().catch(() => null);
      if (current === null) throw redisAway();
      if (current !== shown) board.replaceQueues([toRead(current)]);
      shown = current;
    }
    pages(request, response, next);
  };
}

type Queue = Awaited<ReturnType<OpenBell['queue']>>;

function redisAway(): HttpProblem {
  return new HttpProblem({
    status: 503,
    code: 'queue_unavailable',
    detail: 'Redis does not answer: what is in the queue can’t be shown now. Nothing was changed.',
    hint: 'Deployments are recorded meanwhile; the page asks again by itself. /readyz tells when Redis is back.',
    headers: { 'retry-after': '2' },
  });
}

function toRead(queue: Queue): BullMQAdapter {
  return new BullMQAdapter(queue, {
    readOnlyMode: true,
    allowRetries: false,
    description:
      'A doorbell: each job says only which deployment to look at. The truth is in the control database, and in the dashboard.',
  });
}
