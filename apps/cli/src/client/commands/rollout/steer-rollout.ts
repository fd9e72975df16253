import { outcomeOf } from '../../../outcome.ts';
import type { Mode } from '@postgres-manager/sql-deploy';
import type { ClientCommand, ClientContext } from '../../client-context.ts';
import type { SteerRolloutRequest } from '../../command-line/client-invocation.ts';
import { pushBundle } from '../../service/push-bundle.ts';
import { expectRecord } from '../../views/fields.ts';
import { readRolloutView, type RolloutView } from '../../views/rollout-view.ts';
import { waitingText } from '../waiting-text.ts';
import { findRollout, watchRollout } from './watch-rollout.ts';

/** Has a rollout pause, go on, end, or leave targets out; with `wait` follows it from there. */
export const runSteerRollout: ClientCommand<SteerRolloutRequest> = async (request, context) => {
  const { id, verb, wait } = request;
  const body = await bodyOf(request, context);
  const after = wait ? await lastEventOf(id, context) : 0;
  const { body: answered } = await context.service.ask({
    method: 'POST',
    path: `/v1/rollouts/${encodeURIComponent(id)}/${verb}`,
    // Asked for twice it is done once.
    repeatable: true,
    body,
  });
  const view = readRolloutView(expectRecord(answered, 'the rollout'));
  if (wait) return watchRollout(id, after, context);
  const extra = { rollout: id, rolloutStatus: view.status, counts: view.counts };
  return outcomeOf({ mode: view.mode as Mode, status: 'succeeded' }, extra, (paint) => [
    paint.green(paint.line(`${verb}: the rollout is ${view.status.replaceAll('_', ' ')} now`)),
    ...(view.waitingFor === null ? [] : [`  ${paint.line(waitingText(view.waitingFor, context.now()))}`]),
    `  watch it: ${context.commandLine(`rollout follow ${id}`)}`,
  ]);
};

async function bodyOf(request: SteerRolloutRequest, context: ClientContext): Promise<object> {
  const { verb, bundle: folder, targets, reason, wave, retryFailed } = request;
  const mode = folder === null ? null : ((await modeOf(request, context)) as Mode);
  const bundle = folder === null ? null : await pushBundle(context.service, folder, mode);
  const given = Object.entries({
    bundle,
    reason,
    targets: verb === 'skip' ? targets : null,
    wave: verb === 'promote' || verb === 'approve' ? wave : null,
    plan: request.plan,
    retryFailed,
  });
  return Object.fromEntries(given.filter(([, value]) => value !== null));
}

async function modeOf({ id }: SteerRolloutRequest, context: ClientContext): Promise<RolloutView['mode']> {
  return (await findRollout(id, context)).mode;
}

/** Where the following is to begin: what was before is known. */
async function lastEventOf(id: string, { service }: ClientContext): Promise<number> {
  const { body } = await service.ask({ method: 'GET', path: `/v1/rollouts/${encodeURIComponent(id)}` });
  const last = expectRecord(body, 'the rollout')['lastEvent'];
  return typeof last === 'number' ? last : 0;
}
