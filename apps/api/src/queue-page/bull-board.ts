import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { OpenBell } from '@postgres-manager/control-plane';
import type { RequestHandler } from 'express';
import { QUEUE_PAGE_PATH } from './pass-cookie.ts';

/**
 * The queue's own page, of bull-board, in its mode for reading. This file is loaded only where the page is wanted: its
 * packages take 10 MB of memory.
 */
export function queueBoard(bell: OpenBell): RequestHandler {
  let shown = bell.queue();
  const server = new ExpressAdapter();
  server.setBasePath(QUEUE_PAGE_PATH);
  const board = createBullBoard({
    queues: [toRead(shown)],
    serverAdapter: server,
    options: {
      uiConfig: { boardTitle: 'The queue', pollingInterval: { showSetting: false, forceInterval: 5 } },
    },
  });
  const pages = server.getRouter() as RequestHandler;
  return (request, response, next) => {
    // The bell opens its queue anew when Redis was away at first.
    const current = bell.queue();
    if (current !== shown) board.replaceQueues([toRead(current)]);
    shown = current;
    pages(request, response, next);
  };
}

function toRead(queue: ReturnType<OpenBell['queue']>): BullMQAdapter {
  return new BullMQAdapter(queue, {
    readOnlyMode: true,
    allowRetries: false,
    description:
      'A doorbell: each job says only which deployment to look at. The truth is in the control database, and in the dashboard.',
  });
}
