import type { Mode } from '@postgres-manager/sql-deploy';
import { outcomeOf } from '../../../outcome.ts';
import type { ClientCommand } from '../../client-context.ts';
import { expectRecord } from '../../views/fields.ts';
import { readRolloutView } from '../../views/rollout-view.ts';
import { describeRollout } from './describe-rollout.ts';

/** Shows everything about one rollout. The exit code is 0, whatever became of it. */
export const runShowRollout: ClientCommand<{ readonly id: string }> = async ({ id }, context) => {
  const { body } = await context.service.ask({ method: 'GET', path: `/v1/rollouts/${encodeURIComponent(id)}` });
  const fields = expectRecord(body, 'the rollout');
  const view = readRolloutView(fields);
  const extra = { rollout: view.id, rolloutStatus: view.status, counts: view.counts };
  return {
    ...outcomeOf({ mode: view.mode as Mode, status: 'succeeded' }, extra, (paint) =>
      describeRollout(view, context, paint),
    ),
    items: [{ ...fields, type: 'rollout' }],
  };
};
