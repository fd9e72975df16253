import type { ClientCommand } from '../client-context.ts';
import type { ClientInvocation } from '../command-line/client-invocation.ts';
import { readDeployment } from '../views/deployment-view.ts';
import { expectRecord } from '../views/fields.ts';
import { acceptedOutcome } from './start-deployment.ts';
import { watchDeployment } from './watch-deployment.ts';

type Request = Extract<ClientInvocation, { command: 'retry' }>;

/** Makes a new deployment of what an ended one was to do. */
export const runRetry: ClientCommand<Request> = async ({ id, wait }, context) => {
  const { body } = await context.service.ask({
    method: 'POST',
    path: `/v1/deployments/${encodeURIComponent(id)}/retry`,
  });
  const view = readDeployment(expectRecord(body, 'the deployment'));
  return wait ? watchDeployment(view, context) : acceptedOutcome(view, context);
};
