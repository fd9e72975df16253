import type { Stage } from '../../../api/test/support/service-stage.ts';

/** A key with a role, and limits by label. */
export async function keyOf(stage: Stage, role: string, labels: Record<string, string> = {}): Promise<string> {
  const reply = await stage.call('POST', '/v1/keys', { body: { name: `${role} key`, role, labels } });
  if (reply.status !== 201) throw new Error(reply.text);
  return reply.body.key;
}
