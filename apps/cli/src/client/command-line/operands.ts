import { closest } from '@postgres-manager/sql-deploy';
import { envSource, flagSource, type Input } from '../../input.ts';
import type { FlagName } from '../../flags.ts';
import { readBoolean } from '../../values.ts';
import { readId, readInteger } from './client-values.ts';

const MOST_LISTED = 100_000;
const LISTED = 50;

/** How many to list. */
export function readLimit(input: Input): number {
  return readInteger(flagSource(input, 'limit'), 1, MOST_LISTED, input.faults) ?? LISTED;
}

/** The one id that a command takes. */
export function readOperand(input: Input, what: string): string | null {
  const { operands, command } = input.line;
  if (operands.length === 0)
    input.faults.push(`${command} needs ${what}, as \`postgres-manager deployments\` shows it`);
  if (operands.length > 1) input.faults.push(`${command} takes one id: ${operands.length} arguments are too many`);
  return readId(operands[0], input.faults);
}

/** True when nothing stands alone. */
export function expectNone(input: Input): true | null {
  const { operands } = input.line;
  if (operands.length === 0) return true;
  input.faults.push(`${operands.length} argument${operands.length === 1 ? '' : 's'} too many`);
  return null;
}

/** There is no dry run of these, and DRY_RUN promises that nothing is changed. */
export function refuseDryRun(input: Input, what: string): void {
  if (readBoolean(envSource('DRY_RUN', input.environment.dryRun), input.faults) === true) {
    input.faults.push(`DRY_RUN is set, and ${what} has no dry run: unset it`);
  }
}

/** Says of each of these flags that is given what it goes with. */
export function refuseFlags(input: Input, flags: readonly FlagName[], owner: string): void {
  for (const flag of flags) {
    if (input.line.values.has(flag) || input.line.lists.has(flag)) input.faults.push(`--${flag} goes with ${owner}`);
  }
}

/** Says that there is no such verb of a command. */
export function wrongVerb(input: Input, first: string, verbs: readonly string[]): null {
  const { command } = input.line;
  const meant = closest(first, verbs);
  input.faults.push(
    meant === null
      ? `what follows ${command} is not understood: there are ${verbs.map((verb) => `${command} ${verb}`).join(' and ')}`
      : meant === first
        ? `${command} ${first} takes fewer arguments`
        : `did you mean ${command} ${meant}?`,
  );
  return null;
}
