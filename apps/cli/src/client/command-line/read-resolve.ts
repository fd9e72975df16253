import { type Input, MAX_PATH_LENGTH, readSwitch } from '../../input.ts';
import { readText } from '../../values.ts';
import type { ClientInvocation } from './client-invocation.ts';
import { readId } from './client-values.ts';
import { refuseDryRun } from './operands.ts';

/** Reads `resolve ID FILE --applied|--not-applied`. */
export function readResolve(input: Input): ClientInvocation | null {
  const { faults } = input;
  const [first, second, ...more] = input.line.operands;
  refuseDryRun(input, 'resolve');
  if (second === undefined) {
    faults.push('resolve through a service needs the id of a deployment and the file to settle, in this order');
  }
  if (more.length > 0) faults.push(`${more.length} argument${more.length === 1 ? '' : 's'} too many`);
  const applied = readSwitch(input, 'applied');
  if (applied === readSwitch(input, 'not-applied')) {
    faults.push('give either --applied (it is done) or --not-applied (run it again from its start)');
  }
  const id = readId(second === undefined ? undefined : first, faults);
  const file = readText(second === undefined ? null : { label: 'the file', text: second }, MAX_PATH_LENGTH, faults);
  if (id === null || file === null) return null;
  const wait = readSwitch(input, 'wait');
  return { command: 'resolve', id, file: plainPath(file), outcome: applied ? 'applied' : 'not-applied', wait };
}

/** As the service writes paths, also where a shell completed the name. */
function plainPath(file: string): string {
  return file.replaceAll('\\', '/').replace(/^\.\//, '');
}
