import { requireUnlimited } from '../http/caller.ts';
import { HttpProblem } from '../http/problem.ts';
import { route } from '../http/route.ts';
import { passCookie, QUEUE_PAGE_PATH } from '../queue-page/pass-cookie.ts';
import * as schemas from '../schemas.ts';

export const queuePageRoutes = [
  route({
    method: 'post',
    path: '/v1/queue-page',
    operationId: 'openQueuePage',
    tag: 'Queue',
    summary: 'Let this browser see the queue’s own page',
    description: `For a key without labels, where QUEUE_PAGE is on. The answer sets a cookie for ${QUEUE_PAGE_PATH} alone, out of scripts’ reach, that is good for half an hour and no longer than the key.`,
    role: 'admin',
    params: schemas.nothing,
    query: schemas.nothing,
    body: null,
    responses: { 204: { description: `${QUEUE_PAGE_PATH} may be opened.` } },
    handle: async ({ caller, request, services: { queuePage } }) => {
      requireUnlimited(caller);
      if (queuePage === null) throw isOff();
      const cookie = passCookie(queuePage.passes.make(caller.keyId), request);
      return { status: 204, headers: { 'set-cookie': cookie } };
    },
  }),
];

function isOff(): HttpProblem {
  return new HttpProblem({
    status: 404,
    code: 'queue_page_off',
    detail: 'The queue’s own page is not mounted here. Nothing was changed.',
    hint: 'Start the API with QUEUE_PAGE=on; or look at the queue in the dashboard, or with GET /v1/queue.',
  });
}
