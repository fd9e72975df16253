import type { Mode } from '@postgres-manager/sql-deploy';
import type { Environment } from './config.ts';
import { type CommandLine, readCommandLine } from './command-line.ts';
import { closest } from '@postgres-manager/sql-deploy';
import { COMMANDS, isClientForm, isCommandName } from './flags.ts';
import {
  envSource,
  expectOperands,
  flagSource,
  type Input,
  MAX_NAME_LENGTH,
  MAX_PATH_LENGTH,
  readRoot,
  readSwitch,
  readTarget,
  reportMissing,
} from './input.ts';
import type { Invocation } from './invocation.ts';
import { readBoolean, readChoice, readOrdinal, readText } from './values.ts';

/** A right command line, or everything that is wrong with it. */
export type Parsed =
  | { readonly ok: true; readonly invocation: Invocation }
  | { readonly ok: false; readonly faults: readonly string[]; readonly json: boolean; readonly mode: Mode | null };

/**
 * Reads a command line; pure.
 * @param argv what follows the program's name
 * @param environment stands in for flags that are not given: a flag wins
 */
export function parseArguments(argv: readonly string[], environment: Environment): Parsed {
  const line = readCommandLine(argv);
  const input: Input = { line, environment, faults: line.faults };
  const json = readSwitch(input, 'json');
  if (argv.length === 0 && environment.function === null) {
    return { ok: true, invocation: { command: 'help', topic: null, asked: false, json } };
  }
  if (readSwitch(input, 'help')) {
    return withoutFaults(input, json, { command: 'help', topic: topicOf(argv, line), asked: true, json });
  }
  if (readSwitch(input, 'version')) return withoutFaults(input, json, { command: 'version', json });

  if (isClientForm(line.form)) return { ok: true, invocation: { command: 'client', line, json } };

  const mode = line.command === 'deploy' ? readMode(input) : null;
  const invocation = build(input, json, mode);
  if (invocation !== null && input.faults.length === 0) return { ok: true, invocation };
  return { ok: false, faults: [...new Set(input.faults)], json, mode };
}

function withoutFaults(input: Input, json: boolean, invocation: Invocation): Parsed {
  if (input.faults.length === 0) return { ok: true, invocation };
  return { ok: false, faults: input.faults, json, mode: null };
}

/** `--help` alone is about everything, `deploy --help` about deploy. */
function topicOf(argv: readonly string[], line: CommandLine): string | null {
  return argv.includes(line.command) && line.command !== 'help' ? line.command : null;
}

function build(input: Input, json: boolean, mode: Mode | null): Invocation | null {
  switch (input.line.command) {
    case 'deploy':
      return buildDeploy(input, json, mode);
    case 'validate':
      return expectOperands(input, 0, '') && { command: 'validate', root: readRoot(input), json };
    case 'status':
      return buildStatus(input, json);
    case 'baseline':
      return buildBaseline(input, json);
    case 'resolve':
      return buildResolve(input, json);
    case 'new':
      return buildNew(input, json);
    case 'help':
      return buildHelp(input, json);
    default:
      return null;
  }
}

function buildDeploy(input: Input, json: boolean, mode: Mode | null): Invocation | null {
  expectOperands(input, 0, '');
  const onError = readChoice(flagSource(input, 'on-error'), ['stop', 'continue'], input.faults);
  const force = readSwitch(input, 'force');
  const noBaseline = readSwitch(input, 'no-baseline');
  if (mode !== null && mode !== 'create') refuseCreateFlags(input);
  const dryRun =
    readBoolean(flagSource(input, 'dry-run', ['DRY_RUN', input.environment.dryRun]), input.faults) ?? false;
  const target = readTarget(input);
  const root = readRoot(input);
  if (mode === null || target === null) return null;
  return {
    command: 'deploy',
    target,
    mode,
    root,
    json,
    dryRun,
    onError: onError ?? 'stop',
    baseline: !noBaseline,
    force,
  };
}

function readMode(input: Input): Mode | null {
  const source = flagSource(input, 'function', ['FUNCTION', input.environment.function]);
  const manualSource = flagSource(input, 'manual-deployment', ['MANUAL_DEPLOY', input.environment.manualDeploy]);
  const manual = readBoolean(manualSource, input.faults) ?? false;
  if (source === null) {
    reportMissing(input, 'function', '--function is missing: create or deployment (or set FUNCTION)');
    return null;
  }
  if (source.text === 'manual-deployment') {
    const instead = 'for manual-deployment/ write --function deployment --manual-deployment';
    input.faults.push(`${source.label} must be create or deployment; ${instead}`);
    return null;
  }
  const chosen = readChoice(source, ['create', 'deployment'], input.faults);
  if (chosen === 'create' && manual) {
    input.faults.push(
      `${manualSource?.label ?? '--manual-deployment'} goes with --function deployment, not with create`,
    );
  }
  return chosen === 'deployment' && manual ? 'manual-deployment' : chosen;
}

function refuseCreateFlags(input: Input): void {
  for (const flag of ['on-error', 'no-baseline', 'force'] as const) {
    if (input.line.values.has(flag)) input.faults.push(`--${flag} goes with --function create only`);
  }
}

function buildStatus(input: Input, json: boolean): Invocation | null {
  expectOperands(input, 0, '');
  const target = readTarget(input);
  return target === null ? null : { command: 'status', target, root: readRoot(input), json };
}

function buildBaseline(input: Input, json: boolean): Invocation | null {
  expectOperands(input, 0, '');
  const target = readTarget(input);
  const dryRun =
    readBoolean(flagSource(input, 'dry-run', ['DRY_RUN', input.environment.dryRun]), input.faults) ?? false;
  const source = flagSource(input, 'up-to');
  if (source === null)
    reportMissing(input, 'up-to', '--up-to is missing: the ordinal of the last file that the target already has');
  const upToOrdinal = readOrdinal(source, input.faults);
  const root = readRoot(input);
  return target === null || upToOrdinal === null
    ? null
    : { command: 'baseline', target, upToOrdinal, dryRun, root, json };
}

function buildResolve(input: Input, json: boolean): Invocation | null {
  const complete = expectOperands(input, 1, 'the file to settle, such as deployment/00007-index.sql');
  const [operand] = input.line.operands;
  const file = readText(
    operand === undefined ? null : { label: 'the file', text: operand },
    MAX_PATH_LENGTH,
    input.faults,
  );
  const applied = readSwitch(input, 'applied');
  if (applied === readSwitch(input, 'not-applied')) {
    input.faults.push('give either --applied (it is done) or --not-applied (run it again from its start)');
  }
  // There is no dry run of a decision, and DRY_RUN promises that nothing is changed.
  if (readBoolean(envSource('DRY_RUN', input.environment.dryRun), input.faults) === true) {
    input.faults.push('DRY_RUN is set, and resolve has no dry run: unset it to settle the step');
  }
  const target = readTarget(input);
  const root = readRoot(input);
  if (!complete || file === null || target === null) return null;
  return { command: 'resolve', target, file, outcome: applied ? 'applied' : 'not_applied', root, json };
}

function buildNew(input: Input, json: boolean): Invocation | null {
  const complete = expectOperands(input, 1, 'a name for the file, such as "add users"; quote it if it has spaces');
  const [operand] = input.line.operands;
  const name = readText(
    operand === undefined ? null : { label: 'the name', text: operand },
    MAX_NAME_LENGTH,
    input.faults,
  );
  const folder = readSwitch(input, 'manual') ? 'manual-deployment' : 'deployment';
  const root = readRoot(input);
  return complete && name !== null ? { command: 'new', name, folder, root, json } : null;
}

function buildHelp(input: Input, json: boolean): Invocation {
  const [topic] = input.line.operands;
  if (topic !== undefined && !isCommandName(topic)) {
    const meant = closest(topic, COMMANDS);
    input.faults.push(
      `there is no such command${meant === null ? `; there are ${COMMANDS.join(', ')}` : `: did you mean ${meant}?`}`,
    );
  }
  return { command: 'help', topic: topic ?? null, asked: true, json };
}
