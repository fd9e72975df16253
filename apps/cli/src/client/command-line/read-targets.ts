import { flagSource, type Input, MAX_NAME_LENGTH, MAX_PATH_LENGTH, readSwitch, SERVER_TIMEOUT } from '../../input.ts';
import { readText, readTimeMs } from '../../values.ts';
import type { AddTargetRequest, ClientInvocation, Labels } from './client-invocation.ts';
import { readLabels } from './client-values.ts';
import { readLimit, refuseDryRun, refuseFlags, wrongVerb } from './operands.ts';

const TARGET_VERBS = ['add', 'remove'] as const;
const ADD_FLAGS = [
  'dsn-env',
  'dsn-stdin',
  'accept-pooler',
  'accept-identity',
  'lock-timeout',
  'statement-timeout',
] as const;

/** Reads `targets`, `targets NAME`, `targets add NAME` and `targets remove NAME`. */
export function readTargets(input: Input): ClientInvocation | null {
  const [first, second, ...more] = input.line.operands;
  const labels = readLabels(input.line.lists.get('label') ?? [], input.faults);
  const verb = TARGET_VERBS.find((verb) => verb === first);
  if (verb !== 'add') refuseFlags(input, ADD_FLAGS, 'targets add NAME');
  if (verb !== undefined || first === undefined) refuseFlags(input, ['bundle'], 'targets NAME');
  if (verb !== undefined || first !== undefined) refuseFlags(input, ['limit'], 'the list of targets');
  if (first === undefined) return { command: 'targets', labels, limit: readLimit(input) };
  if (more.length > 0 || (verb === undefined && second !== undefined)) return wrongVerb(input, first, TARGET_VERBS);
  if (verb !== 'add' && Object.keys(labels).length > 0) {
    input.faults.push('--label goes with the list of targets and with targets add NAME');
  }
  const name = readName(verb === undefined ? first : second, input);
  if (verb !== undefined) refuseDryRun(input, `targets ${verb}`);
  if (verb === 'add') return name === null ? null : readAddTarget(input, name, labels);
  if (name === null) return null;
  if (verb === 'remove') return { command: 'remove-target', name };
  return { command: 'target', name, bundle: readText(flagSource(input, 'bundle'), MAX_PATH_LENGTH, input.faults) };
}

function readAddTarget(input: Input, name: string, labels: Labels): AddTargetRequest {
  const { faults } = input;
  const variable = readText(flagSource(input, 'dsn-env'), MAX_NAME_LENGTH, faults);
  const fromStdin = readSwitch(input, 'dsn-stdin');
  if (variable !== null && fromStdin) faults.push('give either --dsn-env or --dsn-stdin');
  if (variable !== null && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable)) {
    faults.push('--dsn-env must be the name of an environment variable of the workers, such as SHOP_DSN');
  }
  const given = (flag: 'accept-pooler' | 'accept-identity'): boolean | null =>
    input.line.values.has(flag) ? readSwitch(input, flag) : null;
  return {
    command: 'add-target',
    name,
    dsn: variable !== null ? { kind: 'environment', variable } : fromStdin ? { kind: 'stdin' } : null,
    labels: input.line.lists.has('label') ? labels : null,
    acceptPooler: given('accept-pooler'),
    acceptIdentity: given('accept-identity'),
    lockTimeoutMs: readTimeMs(flagSource(input, 'lock-timeout'), SERVER_TIMEOUT, faults),
    statementTimeoutMs: readTimeMs(flagSource(input, 'statement-timeout'), SERVER_TIMEOUT, faults),
  };
}

function readName(text: string | undefined, input: Input): string | null {
  if (text === undefined) {
    input.faults.push(`${input.line.command} ${input.line.operands[0] ?? ''} needs the name of a target`);
    return null;
  }
  return readText({ label: 'the name', text }, MAX_NAME_LENGTH, input.faults);
}
