import { randomUUID } from 'node:crypto';
import { exitCodeOfSignal } from '../../exit-codes.ts';
import { type Outcome, outcomeOf } from '../../outcome.ts';
import { stopWithoutFile } from '../../stop.ts';
import type { ClientCommand, ClientContext } from '../client-context.ts';
import type { DeployRequest } from '../command-line/client-invocation.ts';
import { pushBundle } from '../service/push-bundle.ts';
import { type DeploymentView, readDeployment } from '../views/deployment-view.ts';
import { expectRecord } from '../views/fields.ts';
import { watchForLeaving } from './leaving.ts';
import { watchDeployment } from './watch-deployment.ts';

/** Pushes the bundle, has the service deploy it, and with `wait` follows until the end. */
export const runStartDeployment: ClientCommand<DeployRequest> = async (request, context) => {
  // One key for all tries: however often the request has to be sent, it makes one deployment.
  const idempotencyKey = request.idempotencyKey ?? randomUUID();
  const unanswered = (): string => `it is not known whether the service took the deployment; ${again(idempotencyKey)}`;
  let id: string | null = null;
  const leaving = watchForLeaving(() => (id === null ? unanswered() : `deployment ${id} goes on`));
  try {
    const started = await leaving.race(start(request, idempotencyKey, context));
    if (started === null) {
      const failed = stopWithoutFile('interrupted', unanswered(), '');
      const outcome = outcomeOf({ mode: request.mode, status: 'refused', failed }, { idempotencyKey }, (paint) => [
        paint.yellow(failed.message),
      ]);
      return { ...outcome, exitCode: exitCodeOfSignal(leaving.received() ?? 'SIGINT'), abandoned: true };
    }
    id = started.id;
    return await (request.wait ? watchDeployment(started, context, leaving) : acceptedOutcome(started, context));
  } finally {
    leaving.release();
  }
};

function again(idempotencyKey: string): string {
  return `the same command with --idempotency-key ${idempotencyKey} makes sure that there is one, and no second`;
}

async function start(request: DeployRequest, idempotencyKey: string, context: ClientContext): Promise<DeploymentView> {
  const { target, mode, dryRun, onError, priority, notBefore } = request;
  const bundle = request.bundle === null ? null : await pushBundle(context.service, request.bundle, mode);
  const { body } = await context.service.ask({
    method: 'POST',
    path: '/v1/deployments',
    idempotencyKey,
    body: {
      target,
      mode,
      ...(bundle === null ? {} : { bundle }),
      ...(dryRun ? { dryRun } : {}),
      ...(onError === null ? {} : { onError }),
      ...(priority === null ? {} : { priority }),
      ...(notBefore === null ? {} : { notBefore }),
    },
  });
  return readDeployment(expectRecord(body, 'the deployment'));
}

/** What is told of a deployment that nobody waits for. In a pipe it is the id alone, so that a script can keep it. */
export function acceptedOutcome(view: DeploymentView, context: ClientContext): Outcome {
  const extra = { deployment: view.id, target: view.target, deploymentStatus: view.status, dryRun: view.dryRun };
  return outcomeOf({ mode: view.mode, status: 'accepted' }, extra, (paint) =>
    context.columns === null
      ? [view.id]
      : [
          paint.green(paint.line(`accepted: ${view.dryRun ? 'dry run' : view.mode} of ${view.target}, ${view.status}`)),
          `  id: ${view.id}`,
          `  watch it: ${context.commandLine(`logs ${view.id} --follow`)}`,
          ...(view.status === 'awaiting_approval'
            ? [`  whoever may approve it types: ${context.commandLine(`approve ${view.id}`)}`]
            : []),
        ],
  );
}
