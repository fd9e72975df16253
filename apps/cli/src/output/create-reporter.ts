import type { Environment } from '../config.ts';
import { createLineWriter } from './line-writer.ts';
import type { Reporter } from './reporter.ts';

/** The reporter that suits the flags, the environment and where the output goes. */
export async function createReporter(json: boolean, environment: Environment): Promise<Reporter> {
  const stdout = createLineWriter(process.stdout);
  // Loaded when needed: a run with nothing to do is counted in milliseconds.
  if (json) return (await import('./json.ts')).createJsonReporter(stdout);
  const { createPaint } = await import('./paint.ts');
  const stderr = createLineWriter(process.stderr);
  const onTerminal = process.stdout.isTTY === true && !environment.dumbTerminal;
  const paint = createPaint(environment.color === 'always' || (environment.color === 'auto' && onTerminal));
  if (!onTerminal) return (await import('./plain.ts')).createPlainReporter(stdout, stderr, paint);
  const { createTerminalReporter } = await import('./terminal.ts');
  return createTerminalReporter(stdout, stderr, paint, () => process.stdout.columns || 80);
}
