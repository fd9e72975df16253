import { randomUUID } from 'node:crypto';
import { exitCodeOfSignal } from '../../../exit-codes.ts';
import { type Outcome, outcomeOf } from '../../../outcome.ts';
import { stopWithoutFile } from '../../../stop.ts';
import type { ClientCommand, ClientContext } from '../../client-context.ts';
import type { StartRolloutRequest } from '../../command-line/client-invocation.ts';
import { pushBundle } from '../../service/push-bundle.ts';
import { expectRecord, type Fields, numberIn, recordsIn, textsIn } from '../../views/fields.ts';
import { readRolloutView } from '../../views/rollout-view.ts';
import { watchForLeaving } from '../leaving.ts';
import { countText } from './describe-rollout.ts';
import { watchRollout } from './watch-rollout.ts';

const MOST_NAMED = 8;

/** Pushes the bundle, has the service roll it out, and with `wait` follows until it has ended or stopped. */
export const runStartRollout: ClientCommand<StartRolloutRequest> = async (request, context) => {
  // One key for all tries: however often the request has to be sent, it makes one rollout.
  const idempotencyKey = request.idempotencyKey ?? randomUUID();
  const unanswered = (): string =>
    `it is not known whether the service took the rollout; the same command with --idempotency-key ${idempotencyKey} makes sure that there is one, and no second`;
  let id: string | null = null;
  const leaving = watchForLeaving(() => (id === null ? unanswered() : `rollout ${id} goes on`));
  try {
    const started = await leaving.race(start(request, idempotencyKey, context));
    if (started === null) {
      const failed = stopWithoutFile('interrupted', unanswered(), '');
      const outcome = outcomeOf({ mode: request.mode, status: 'refused', failed }, { idempotencyKey }, (paint) => [
        paint.yellow(failed.message),
      ]);
      return { ...outcome, exitCode: exitCodeOfSignal(leaving.received() ?? 'SIGINT'), abandoned: true };
    }
    id = readRolloutView(started).id;
    if (!request.wait) return acceptedOutcome(started, request, context);
    tellWaves(started, context);
    return await watchRollout(id, 0, context, leaving);
  } finally {
    leaving.release();
  }
};

async function start(request: StartRolloutRequest, idempotencyKey: string, context: ClientContext): Promise<Fields> {
  const { command: _, bundle: folder, wait: __, idempotencyKey: ___, ...wishes } = request;
  const bundle = folder === null ? null : await pushBundle(context.service, folder, request.mode);
  const given = Object.entries({ ...wishes, bundle }).filter(([, value]) => value !== null && value !== false);
  const { body } = await context.service.ask({
    method: 'POST',
    path: '/v1/rollouts',
    idempotencyKey,
    body: Object.fromEntries(given),
  });
  return expectRecord(body, 'the rollout');
}

/** Says wave by wave which targets it is for. */
function tellWaves(rollout: Fields, context: ClientContext): void {
  const json = { ...rollout, type: 'rollout' };
  context.tell({ type: 'service', json, line: (paint) => waveTexts(rollout).map(paint.line).join('\n') });
}

function waveTexts(rollout: Fields): string[] {
  return recordsIn(rollout, 'waves').map((wave) => {
    const targets = textsIn(wave, 'targets');
    const more = targets.length > MOST_NAMED ? ` and ${targets.length - MOST_NAMED} more` : '';
    return `wave ${numberIn(wave, 'number') ?? '?'} is ${countText(targets.length, 'target')}: ${targets.slice(0, MOST_NAMED).join(', ')}${more}`;
  });
}

/** In a pipe it is the id alone, so that a script can keep it. */
function acceptedOutcome(started: Fields, request: StartRolloutRequest, context: ClientContext): Outcome {
  const view = readRolloutView(started);
  const waves = recordsIn(started, 'waves').map((wave) => textsIn(wave, 'targets'));
  const extra = { rollout: view.id, rolloutStatus: view.status, dryRun: view.dryRun, targets: view.targets, waves };
  return outcomeOf({ mode: request.mode, status: 'accepted' }, extra, (paint) =>
    context.columns === null
      ? [view.id]
      : [
          paint.green(
            `accepted: ${view.dryRun ? 'dry run' : request.mode} on ${countText(view.targets, 'target')}, ${paint.line(view.status)}`,
          ),
          ...waveTexts(started).map((text) => `  ${paint.line(text)}`),
          `  id: ${view.id}`,
          `  watch it: ${context.commandLine(`rollout follow ${view.id}`)}`,
        ],
  );
}
