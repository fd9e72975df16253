import { outcomeOf } from '../../outcome.ts';
import type { ClientCommand } from '../client-context.ts';
import type { ClientInvocation } from '../command-line/client-invocation.ts';
import { findDeployment, show, watchDeployment } from './watch-deployment.ts';

type Request = Extract<ClientInvocation, { command: 'logs' }>;

/** The service sends what there is at once: what comes after so long a pause is news. */
const QUIET_MS = 1_000;

/** Shows the events of a deployment: those so far, or with `follow` until it has ended, with the exit code of how it did. */
export const runLogs: ClientCommand<Request> = async ({ id, follow }, context) => {
  if (follow) return watchDeployment({ id, mode: null }, context);
  await show(id, context, new AbortController().signal, QUIET_MS);
  const view = await findDeployment(id, context);
  const extra = { deployment: id, target: view.target, deploymentStatus: view.status };
  const running = view.steps.filter((step) => step.status === 'running').map((step) => step.path);
  return outcomeOf({ mode: view.mode, status: 'succeeded' }, { ...extra, running }, (paint) => [
    ...running.map((path) => `${paint.yellow('running')}  ${paint.line(path)}`),
    paint.dim(`now: ${paint.line(view.status)}`),
  ]);
};
