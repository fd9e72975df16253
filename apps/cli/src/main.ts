import { parseArguments } from './arguments.ts';
import { type Environment, readEnvironment } from './config.ts';
import type { Invocation } from './invocation.ts';
import { type Outcome, outcomeOfFaults, outcomeOfStop } from './outcome.ts';
import { createReporter } from './output/create-reporter.ts';
import type { Reporter } from './output/reporter.ts';
import { type Watch, watchSignals } from './signals.ts';
import { stopOf } from './stop.ts';

/**
 * The command: parses, does what is asked, tells how it ended.
 * @param argv what follows the program's name
 * @returns the exit code, once all output is written
 */
export async function main(argv: readonly string[]): Promise<number> {
  // First of all: it takes the DSN out of the list of processes.
  process.title = 'postgres-manager';
  const environment = readEnvironment();
  const parsed = parseArguments(argv, environment);
  const reporter = await createReporter(parsed.ok ? parsed.invocation.json : parsed.json, environment);
  if (!parsed.ok) {
    const outcome = outcomeOfFaults(parsed.faults, parsed.mode);
    await reporter.finish(outcome);
    return outcome.exitCode;
  }
  const watch = watchSignals(reporter);
  const outcome = await run(parsed.invocation, { watch, reporter, environment });
  await reporter.finish(outcome);
  watch.release();
  if (outcome.abandoned) process.exit(outcome.exitCode);
  return outcome.exitCode;
}

interface Surroundings {
  readonly watch: Watch;
  readonly reporter: Reporter;
  readonly environment: Environment;
}

async function run(invocation: Invocation, surroundings: Surroundings): Promise<Outcome> {
  try {
    return await runCommand(invocation, surroundings);
  } catch (error) {
    return outcomeOfStop(stopOf(error, null), null, 0);
  }
}

/** Each command is loaded only when it is called: most of what a run costs at its start is loading. */
async function runCommand(invocation: Invocation, surroundings: Surroundings): Promise<Outcome> {
  const { watch } = surroundings;
  switch (invocation.command) {
    case 'deploy':
      return (await import('./commands/deploy.ts')).runDeploy(invocation, watch);
    case 'validate':
      return (await import('./commands/validate.ts')).runValidate(invocation);
    case 'status':
      return (await import('./commands/status.ts')).runStatus(invocation, watch);
    case 'baseline':
      return (await import('./commands/baseline.ts')).runBaseline(invocation, watch);
    case 'resolve':
      return (await import('./commands/resolve.ts')).runResolve(invocation, watch);
    case 'new':
      return (await import('./commands/new.ts')).runNew(invocation);
    case 'client':
      return (await import('./client/run-client.ts')).runClient(
        invocation,
        surroundings.environment,
        surroundings.reporter,
      );
    case 'version':
      return (await import('./commands/version.ts')).runVersion();
    case 'help':
      return (await import('./commands/help.ts')).runHelp(invocation);
  }
}
