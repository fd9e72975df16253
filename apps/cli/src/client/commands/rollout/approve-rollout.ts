import type { Mode } from '@postgres-manager/sql-deploy';
import { outcomeOf } from '../../../outcome.ts';
import { labelled } from '../../../output/lists.ts';
import type { ClientCommand } from '../../client-context.ts';
import { expectRecord, numberIn, recordsIn, textIn, textsIn } from '../../views/fields.ts';
import { planLines } from '../approvals.ts';
import { countText } from './describe-rollout.ts';

const MOST_NAMED = 10;

/** Shows what would be run if the wave that waits were approved, and what to type to approve it. */
export const runShowRolloutApproval: ClientCommand<{ readonly id: string }> = async ({ id }, context) => {
  const { body } = await context.service.ask({
    method: 'GET',
    path: `/v1/rollouts/${encodeURIComponent(id)}/approval`,
  });
  const shown = expectRecord(body, 'the plan');
  const plan = textIn(shown, 'plan');
  const status = textIn(shown, 'status') ?? '';
  const fields = { mode: (textIn(shown, 'mode') ?? 'deployment') as Mode, status: 'succeeded' } as const;
  return outcomeOf(fields, { ...shown, status: 'succeeded', rolloutStatus: status }, (paint) => {
    if (plan === null) {
      return [paint.yellow(paint.line(`no wave of it waits for an approval: it is ${status.replaceAll('_', ' ')}`))];
    }
    const wave = numberIn(shown, 'wave') ?? '?';
    return [
      paint.bold(
        paint.line(
          `wave ${wave}: ${textIn(shown, 'mode') ?? ''} of ${countText(numberIn(shown, 'targets') ?? 0, 'protected target')}`,
        ),
      ),
      labelled('asked for', paint.line(`by ${textIn(shown, 'askedBy') ?? '?'}`)),
      labelled('bundle', paint.line(textIn(shown, 'bundle') ?? '')),
      ...recordsIn(shown, 'plans').flatMap((group) => {
        const targets = textsIn(group, 'targets');
        const more = targets.length > MOST_NAMED ? ` and ${targets.length - MOST_NAMED} more` : '';
        return [
          '',
          labelled('targets', paint.line(`${targets.slice(0, MOST_NAMED).join(', ')}${more}`)),
          ...planLines(group, paint),
        ];
      }),
      '',
      `  to approve exactly this: ${context.commandLine(`rollout approve ${id} --plan ${plan}`)}`,
      `  to say no:               ${context.commandLine(`rollout reject ${id} --reason WHY`)}`,
    ];
  });
};
