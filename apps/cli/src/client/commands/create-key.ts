import { outcomeOf } from '../../outcome.ts';
import type { ClientCommand } from '../client-context.ts';
import type { CreateKeyRequest } from '../command-line/client-invocation.ts';
import { expectRecord, expectText, textIn } from '../views/fields.ts';

/** Makes a key. It is shown here, once, and can't be shown again. In a pipe it is the key alone. */
export const runCreateKey: ClientCommand<CreateKeyRequest> = async (request, { service, columns }) => {
  const { name, role, labels, expiresAt } = request;
  const { body } = await service.ask({ method: 'POST', path: '/v1/keys', body: { name, role, labels, expiresAt } });
  const made = expectRecord(body, 'the key');
  const key = expectText(made, 'key');
  return outcomeOf({ status: 'succeeded' }, { id: textIn(made, 'id'), name, role, labels, expiresAt, key }, (paint) =>
    columns === null
      ? [paint.line(key)]
      : [
          paint.green(`made the key ${paint.line(name)}, ${role}:`),
          `  ${paint.line(key)}`,
          'Keep it now: it is not stored anywhere and can not be shown again.',
        ],
  );
};
