import { outcomeOf } from '../../outcome.ts';
import type { ClientCommand } from '../client-context.ts';
import { isRecord, textIn } from '../views/fields.ts';

/** Revokes a key: from now on the service refuses it. */
export const runRevokeKey: ClientCommand<{ readonly id: string }> = async ({ id }, { service }) => {
  const { body } = await service.ask({ method: 'DELETE', path: `/v1/keys/${encodeURIComponent(id)}` });
  const name = isRecord(body) ? textIn(body, 'name') : null;
  return outcomeOf({ status: 'succeeded' }, { id, name, change: 'revoked' }, (paint) => [
    paint.green(`revoked: ${paint.line(name ?? id)}`),
  ]);
};
