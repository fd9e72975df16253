import { flagSource, type Input, readSwitch, reportMissing } from '../../input.ts';
import { readText } from '../../values.ts';
import type { ClientInvocation } from './client-invocation.ts';
import { readOperand, refuseDryRun } from './operands.ts';

/** Reads `approve ID [--plan DIGEST]`. */
export function readApprove(input: Input): ClientInvocation | null {
  const plan = readPlan(input);
  if (plan !== null) refuseDryRun(input, 'approve');
  const wait = readSwitch(input, 'wait');
  if (wait && plan === null) input.faults.push('--wait goes with --plan: without it nothing is approved');
  const id = readOperand(input, 'the id of a deployment');
  return id === null ? null : { command: 'approve', id, plan, wait };
}

/** Reads `reject ID --reason TEXT`. */
export function readReject(input: Input): ClientInvocation | null {
  refuseDryRun(input, 'reject');
  const reason = readText(flagSource(input, 'reason'), 1000, input.faults);
  if (!input.line.values.has('reason')) reportMissing(input, 'reason', '--reason is missing: why it is not to run');
  const id = readOperand(input, 'the id of a deployment');
  return id === null || reason === null ? null : { command: 'reject', id, reason };
}

/** The digest of a plan that was shown; null without one, or with a fault. */
export function readPlan(input: Input): string | null {
  const plan = readText(flagSource(input, 'plan'), 64, input.faults);
  if (plan === null || /^[0-9a-f]{64}$/.test(plan)) return plan;
  input.faults.push('--plan must be the 64 hexadecimal digits that are shown without it');
  return null;
}
