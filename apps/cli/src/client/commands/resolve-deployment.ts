import type { ClientCommand } from '../client-context.ts';
import type { ClientInvocation } from '../command-line/client-invocation.ts';
import { readDeployment } from '../views/deployment-view.ts';
import { expectRecord } from '../views/fields.ts';
import { acceptedOutcome } from './start-deployment.ts';
import { watchDeployment } from './watch-deployment.ts';

type Request = Extract<ClientInvocation, { command: 'resolve' }>;

/** Says what became of an interrupted file; the deployment that carries the answer goes on with what is not applied. */
export const runResolveDeployment: ClientCommand<Request> = async ({ id, file, outcome, wait }, context) => {
  const { body } = await context.service.ask({
    method: 'POST',
    path: `/v1/deployments/${encodeURIComponent(id)}/resolve`,
    body: { file, outcome },
    // The same answer twice is one answer: while the first is under way it is given back, and then it changes nothing.
    repeatable: true,
  });
  const view = readDeployment(expectRecord(body, 'the deployment'));
  return wait ? watchDeployment(view, context) : acceptedOutcome(view, context);
};
