import { flagSource, type Input, MAX_NAME_LENGTH, readSwitch, reportMissing } from '../../input.ts';
import { readText } from '../../values.ts';
import type { ClientInvocation } from './client-invocation.ts';
import { readId, readLabels } from './client-values.ts';
import { refuseDryRun, refuseFlags, wrongVerb } from './operands.ts';

const VERBS = ['create', 'remove'] as const;

/** Reads `protections`, `protections create` and `protections remove ID`. */
export function readProtections(input: Input): ClientInvocation | null {
  const [first, second, ...more] = input.line.operands;
  if (first !== 'create') refuseFlags(input, ['reason', 'label', 'all', 'target'], 'protections create');
  if (first === undefined) return { command: 'protections' };
  const verb = VERBS.find((candidate) => candidate === first);
  if (verb === undefined || more.length > 0 || (verb === 'create' && second !== undefined)) {
    return wrongVerb(input, first, VERBS);
  }
  refuseDryRun(input, `protections ${verb}`);
  if (verb === 'create') return readCreate(input);
  if (second === undefined)
    input.faults.push('protections remove needs the id of a protection, as `postgres-manager protections` shows it');
  const id = readId(second, input.faults);
  return id === null ? null : { command: 'remove-protection', id };
}

function readCreate(input: Input): ClientInvocation | null {
  const { faults } = input;
  const labels = readLabels(input.line.lists.get('label') ?? [], faults);
  const target = readText(flagSource(input, 'target'), MAX_NAME_LENGTH, faults);
  const hasLabels = Object.keys(labels).length > 0;
  // All targets are protected by name, not by leaving something out.
  if ([hasLabels, target !== null, readSwitch(input, 'all')].filter(Boolean).length !== 1) {
    faults.push('give one of --label NAME=VALUE (targets that have all of these), --target NAME and --all');
  }
  const reason = readText(flagSource(input, 'reason'), 1000, faults);
  if (!input.line.values.has('reason'))
    reportMissing(input, 'reason', '--reason is missing: it is shown wherever something waits for an approval');
  return reason === null
    ? null
    : { command: 'create-protection', labels: target === null ? labels : null, target, reason };
}
