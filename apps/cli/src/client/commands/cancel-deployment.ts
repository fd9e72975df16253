import { outcomeOf } from '../../outcome.ts';
import type { ClientCommand } from '../client-context.ts';
import type { ClientInvocation } from '../command-line/client-invocation.ts';
import { isFinalStatus, readDeployment } from '../views/deployment-view.ts';
import { expectRecord } from '../views/fields.ts';
import { watchDeployment } from './watch-deployment.ts';

type Request = Extract<ClientInvocation, { command: 'cancel' }>;

/** Asks for the end of a deployment. Without `wait`, 0 says that it was asked for; with it, the code is that of how it ended. */
export const runCancel: ClientCommand<Request> = async ({ id, wait }, context) => {
  const { body } = await context.service.ask({
    method: 'POST',
    path: `/v1/deployments/${encodeURIComponent(id)}/cancel`,
    // Asking twice is asking once.
    repeatable: true,
  });
  const view = readDeployment(expectRecord(body, 'the deployment'));
  if (wait) return watchDeployment(view, context);
  const said = isFinalStatus(view.status)
    ? 'cancelled: it had not begun'
    : 'asked to cancel: it is cancelled when its backend has left the target';
  const fields = { mode: view.mode, status: 'succeeded' } as const;
  return outcomeOf(fields, { deployment: view.id, target: view.target, deploymentStatus: view.status }, (paint) => [
    paint.green(said),
    ...(isFinalStatus(view.status) ? [] : [`  watch it: ${context.commandLine(`logs ${id} --follow`)}`]),
  ]);
};
