import { outcomeOf } from '../../outcome.ts';
import type { ClientCommand } from '../client-context.ts';

/** Removes a target from the service: its database is not touched, and its history stays. */
export const runRemoveTarget: ClientCommand<{ readonly name: string }> = async ({ name }, { service }) => {
  await service.ask({ method: 'DELETE', path: `/v1/targets/${encodeURIComponent(name)}` });
  return outcomeOf({ status: 'succeeded' }, { target: name, change: 'removed' }, (paint) => [
    paint.green(`removed: ${paint.line(name)}; its database was not touched, and its history stays`),
  ]);
};
