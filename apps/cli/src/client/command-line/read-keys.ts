import type { Role } from '@postgres-manager/control-plane';
import { flagSource, type Input, MAX_NAME_LENGTH, reportMissing } from '../../input.ts';
import { readChoice, readText } from '../../values.ts';
import type { ClientInvocation } from './client-invocation.ts';
import { readId, readLabels, readMoment } from './client-values.ts';
import { refuseDryRun, refuseFlags, wrongVerb } from './operands.ts';

const ROLES: readonly Role[] = ['viewer', 'deployer', 'approver', 'admin'];
const KEY_VERBS = ['create', 'revoke'] as const;

/** Reads `keys`, `keys create` and `keys revoke ID`. */
export function readKeys(input: Input): ClientInvocation | null {
  const [first, second, ...more] = input.line.operands;
  if (first !== 'create') refuseFlags(input, ['name', 'role', 'expires', 'label'], 'keys create');
  if (first === undefined) return { command: 'keys' };
  if (first === 'create') {
    refuseDryRun(input, 'keys create');
    if (second !== undefined) input.faults.push('keys create takes its name after --name');
    return readCreateKey(input);
  }
  if (first !== 'revoke' || more.length > 0) return wrongVerb(input, first, KEY_VERBS);
  refuseDryRun(input, 'keys revoke');
  if (second === undefined) input.faults.push('keys revoke needs the id of a key, as `postgres-manager keys` shows it');
  const id = readId(second, input.faults);
  return id === null ? null : { command: 'revoke-key', id };
}

function readCreateKey(input: Input): ClientInvocation | null {
  const { faults } = input;
  const name = readText(flagSource(input, 'name'), MAX_NAME_LENGTH, faults);
  if (!input.line.values.has('name')) reportMissing(input, 'name', '--name is missing: who or what the key is for');
  const role = readChoice(flagSource(input, 'role'), ROLES, faults);
  if (!input.line.values.has('role'))
    reportMissing(input, 'role', '--role is missing: viewer, deployer, approver or admin');
  const labels = readLabels(input.line.lists.get('label') ?? [], faults);
  const expiresAt = readMoment(flagSource(input, 'expires'), faults);
  return name === null || role === null ? null : { command: 'create-key', name, role, labels, expiresAt };
}
