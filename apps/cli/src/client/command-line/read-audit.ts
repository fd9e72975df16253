import { flagSource, type Input } from '../../input.ts';
import type { ClientInvocation } from './client-invocation.ts';
import { readLimit, refuseFlags, wrongVerb } from './operands.ts';

const HEAD = /^[1-9]\d{0,17}:[0-9a-f]{64}$/i;

/** Reads `audit` and `audit verify`. */
export function readAudit(input: Input): ClientInvocation | null {
  const [first, ...more] = input.line.operands;
  if (first === undefined) {
    refuseFlags(input, ['head'], 'audit verify');
    return { command: 'audit', limit: readLimit(input) };
  }
  if (first !== 'verify' || more.length > 0) return wrongVerb(input, first, ['verify']);
  refuseFlags(input, ['limit'], 'the list of changes');
  const head = flagSource(input, 'head')?.text ?? null;
  if (head === null || HEAD.test(head)) return { command: 'verify-audit', head };
  input.faults.push('--head must be SEQ:HASH, as `audit verify` showed it before');
  return null;
}
