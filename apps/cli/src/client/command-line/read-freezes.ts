import { flagSource, type Input, readSwitch, reportMissing } from '../../input.ts';
import { readText } from '../../values.ts';
import type { ClientInvocation } from './client-invocation.ts';
import { readId, readLabels } from './client-values.ts';
import { refuseDryRun, refuseFlags, wrongVerb } from './operands.ts';

const VERBS = ['create', 'lift'] as const;

/** Reads `freezes`, `freezes create` and `freezes lift ID`. */
export function readFreezes(input: Input): ClientInvocation | null {
  const [first, second, ...more] = input.line.operands;
  if (first !== 'create') refuseFlags(input, ['reason', 'label', 'all'], 'freezes create');
  if (first === undefined) return { command: 'freezes' };
  const verb = VERBS.find((candidate) => candidate === first);
  if (verb === undefined || more.length > 0 || (verb === 'create' && second !== undefined)) {
    return wrongVerb(input, first, VERBS);
  }
  refuseDryRun(input, `freezes ${verb}`);
  if (verb === 'create') return readCreate(input);
  if (second === undefined)
    input.faults.push('freezes lift needs the id of a freeze, as `postgres-manager freezes` shows it');
  const id = readId(second, input.faults);
  return id === null ? null : { command: 'lift-freeze', id };
}

function readCreate(input: Input): ClientInvocation | null {
  const { faults } = input;
  const labels = readLabels(input.line.lists.get('label') ?? [], faults);
  // A freeze of everything is asked for by name, not by leaving something out.
  if (readSwitch(input, 'all') === Object.keys(labels).length > 0) {
    faults.push('give either --label NAME=VALUE (targets that have all of these) or --all');
  }
  const reason = readText(flagSource(input, 'reason'), 1000, faults);
  if (!input.line.values.has('reason'))
    reportMissing(input, 'reason', '--reason is missing: it is shown wherever something waits for it');
  return reason === null ? null : { command: 'create-freeze', labels, reason };
}
