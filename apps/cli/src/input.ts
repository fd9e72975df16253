import type { CommandLine } from './command-line.ts';
import type { Environment } from './config.ts';
import type { FlagName } from './flags.ts';
import type { TargetFlags } from './invocation.ts';
import { readBoolean, readText, readTimeMs, type Source, type TimeRule } from './values.ts';

/** What an invocation is built from, and where is left what is wrong. */
export interface Input {
  readonly line: CommandLine;
  readonly environment: Environment;
  readonly faults: string[];
}

export const MAX_PATH_LENGTH = 4_096;
export const MAX_NAME_LENGTH = 200;

const LOCK_WAIT: TimeRule = { unit: 'seconds', max: 86_400 };
export const CONNECT_TIMEOUT: TimeRule = { unit: 'seconds', max: 3_600 };
/** PostgreSQL keeps its timeouts in an integer of milliseconds. */
export const SERVER_TIMEOUT: TimeRule = { unit: 'milliseconds', max: 2_147_483_647 };

/** How to reach and treat the target; null (with a fault) without a DSN. */
export function readTarget(input: Input): TargetFlags | null {
  const { faults } = input;
  const dsn = flagSource(input, 'postgres-dsn', ['POSTGRES_DSN', input.environment.postgresDsn])?.text ?? null;
  if (dsn === null) reportMissing(input, 'postgres-dsn', '--postgres-dsn is missing (or set POSTGRES_DSN)');
  const flags = {
    connectTimeoutMs: readTimeMs(flagSource(input, 'connect-timeout'), CONNECT_TIMEOUT, faults),
    lockWaitMs: readTimeMs(flagSource(input, 'lock-wait'), LOCK_WAIT, faults),
    lockTimeoutMs: readTimeMs(flagSource(input, 'lock-timeout'), SERVER_TIMEOUT, faults),
    statementTimeoutMs: readTimeMs(flagSource(input, 'statement-timeout'), SERVER_TIMEOUT, faults),
    acceptIdentity: readSwitch(input, 'accept-identity'),
    acceptPooler: readSwitch(input, 'accept-pooler'),
    appliedBy: readText(flagSource(input, 'applied-by'), MAX_NAME_LENGTH, faults),
  };
  return dsn === null ? null : { dsn, ...flags };
}

/** The folder that holds the three; the current one unless told otherwise. */
export function readRoot(input: Input): string {
  return readText(flagSource(input, 'root'), MAX_PATH_LENGTH, input.faults) ?? '.';
}

/** Whether a switch is on. */
export function readSwitch(input: Input, flag: FlagName): boolean {
  return readBoolean(flagSource(input, flag), input.faults) ?? false;
}

/** The flag's text, or else the variable's; a flag wins. */
export function flagSource(input: Input, flag: FlagName, variable?: readonly [string, string | null]): Source | null {
  const text = input.line.values.get(flag);
  if (text !== undefined) return { label: `--${flag}`, text };
  return variable === undefined ? null : envSource(variable[0], variable[1]);
}

/** A variable's text, under its own name. */
export function envSource(name: string, text: string | null): Source | null {
  return text === null ? null : { label: name, text };
}

/** Says that a flag is missing, unless another fault speaks of it already. */
export function reportMissing(input: Input, flag: FlagName, fault: string): void {
  if (!input.line.spokenOf.has(flag)) input.faults.push(fault);
}

/** True when as many words stand alone as the command takes; else null, with a fault. */
export function expectOperands(input: Input, count: 0 | 1, what: string): true | null {
  const given = input.line.operands.length;
  if (given < count) input.faults.push(`${input.line.command} needs ${what}`);
  if (given > count) {
    const extra = given - count;
    const asDsn = input.line.operands.some((operand) => operand.includes('://'))
      ? '; a DSN goes after --postgres-dsn'
      : '';
    input.faults.push(`${extra} argument${extra === 1 ? '' : 's'} too many${asDsn}`);
  }
  return given === count ? true : null;
}
