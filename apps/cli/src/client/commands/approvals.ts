import type { Mode } from '@postgres-manager/sql-deploy';
import { outcomeOf } from '../../outcome.ts';
import { labelled } from '../../output/lists.ts';
import type { Paint } from '../../output/paint.ts';
import type { ClientCommand, ClientContext } from '../client-context.ts';
import type { ClientInvocation } from '../command-line/client-invocation.ts';
import { readDeployment } from '../views/deployment-view.ts';
import { expectRecord, expectText, type Fields, recordIn, recordsIn, textIn } from '../views/fields.ts';
import { watchDeployment } from './watch-deployment.ts';

const pathOf = (id: string, what: string): string => `/v1/deployments/${encodeURIComponent(id)}/${what}`;

/** Without `plan` shows what would be run, and what to type to approve it; with it approves that, and nothing else. */
export const runApprove: ClientCommand<Extract<ClientInvocation, { command: 'approve' }>> = async (
  { id, plan, wait },
  context,
) => {
  if (plan === null) return await show(id, context);
  const { body } = await context.service.ask({
    method: 'POST',
    path: pathOf(id, 'approve'),
    body: { plan },
    // Asking twice is asking once.
    repeatable: true,
  });
  const view = readDeployment(expectRecord(body, 'the deployment'));
  if (wait) return watchDeployment(view, context);
  const extra = { deployment: id, target: view.target, deploymentStatus: view.status };
  return outcomeOf({ mode: view.mode, status: 'succeeded' }, extra, (paint) => [
    paint.green(paint.line(`approved: ${view.mode} of ${view.target}, ${view.status}`)),
    `  watch it: ${context.commandLine(`logs ${id} --follow`)}`,
  ]);
};

/** Says no to a deployment that waits for an approval. */
export const runReject: ClientCommand<Extract<ClientInvocation, { command: 'reject' }>> = async (
  { id, reason },
  context,
) => {
  const { body } = await context.service.ask({
    method: 'POST',
    path: pathOf(id, 'reject'),
    body: { reason },
    repeatable: true,
  });
  const view = readDeployment(expectRecord(body, 'the deployment'));
  const extra = { deployment: id, target: view.target, deploymentStatus: view.status };
  return outcomeOf({ mode: view.mode, status: 'succeeded' }, extra, (paint) => [
    paint.yellow(paint.line(`rejected: ${view.mode} of ${view.target} is ${view.status}`)),
  ]);
};

async function show(id: string, context: ClientContext) {
  const { body } = await context.service.ask({ method: 'GET', path: pathOf(id, 'approval') });
  const shown = expectRecord(body, 'the plan');
  const plan = expectText(shown, 'plan');
  const status = textIn(shown, 'status') ?? '';
  const fields = { mode: (textIn(shown, 'mode') ?? 'deployment') as Mode, status: 'succeeded' } as const;
  return outcomeOf(fields, { ...shown, status: 'succeeded', deploymentStatus: status }, (paint) => [
    paint.bold(paint.line(`${textIn(shown, 'mode') ?? ''} of ${textIn(shown, 'target') ?? ''}`)),
    labelled('database', paint.line(textIn(shown, 'address') ?? '?')),
    labelled('asked for', paint.line(`by ${textIn(shown, 'askedBy') ?? '?'}`)),
    labelled('bundle', paint.line(textIn(shown, 'bundle') ?? '')),
    ...planLines(shown, paint),
    ...(status === 'awaiting_approval'
      ? [
          '',
          `  to approve exactly this: ${context.commandLine(`approve ${id} --plan ${plan}`)}`,
          `  to say no:               ${context.commandLine(`reject ${id} --reason WHY`)}`,
        ]
      : [paint.yellow(paint.line(`it waits for no approval: it is ${status.replaceAll('_', ' ')}`))]),
  ]);
}

const BASES: Readonly<Record<string, string>> = {
  ledger: 'by what was last seen of the target',
  worker: 'as a worker found it on the target',
  never_seen: 'the target was never seen: all or any of these',
};

/** The files of a plan, and where it comes from. */
export function planLines(shown: Fields, paint: Paint): string[] {
  const steps = recordsIn(shown, 'steps').map((step) => textIn(step, 'path') ?? '?');
  const stop = recordIn(shown, 'stop');
  const resolution = recordIn(shown, 'resolution');
  const basis = BASES[textIn(shown, 'basis') ?? ''] ?? '';
  return [
    ...(resolution === null
      ? []
      : [
          labelled(
            'settles',
            paint.line(`${textIn(resolution, 'file') ?? ''} as ${textIn(resolution, 'outcome') ?? ''}`),
          ),
        ]),
    labelled('files', `${steps.length}${paint.dim(`  (${basis})`)}`),
    ...steps.map((path) => `    ${paint.line(path)}`),
    ...(stop === null ? [] : [paint.yellow(paint.line(`  nothing would be run: ${textIn(stop, 'message') ?? ''}`))]),
  ];
}
