import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../../../apps/cli/bin/postgres-manager.js', import.meta.url));

/** How a run of the command ended. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  /** The last line of `--json`; null where there is none, as after a SIGKILL. */
  readonly result: CommandResult | null;
  /** All it wrote, for the message of a failed test. */
  readonly output: string;
}

export interface CommandResult {
  readonly status: string;
  readonly applied: readonly string[];
  readonly baselined: number;
  readonly failed: { readonly file: string | null; readonly code: string } | null;
}

export interface RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts the command with `--json`, as a user would, from the build. */
export function startCommand(...args: readonly string[]): RunningCommand {
  const child = spawn(process.execPath, [PROGRAM, ...args, '--json'], { env: { PATH: process.env.PATH } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, result: lastResult(stdout), output: `${stdout}\n${stderr}` }));
  });
  return { child, ended };
}

/** Runs the command to its end. */
export async function runCommand(...args: readonly string[]): Promise<Ended> {
  return startCommand(...args).ended;
}

function lastResult(stdout: string): CommandResult | null {
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('{"type":"result"')) return null;
  return JSON.parse(last) as CommandResult;
}

/** Throws, with all the command wrote, unless it ended with one of the codes; null is a signal. */
export function expectExit(ended: Ended, ...codes: readonly (number | null)[]): void {
  if (codes.includes(ended.code)) return;
  throw new Error(`The command ended with ${ended.code} and not ${codes.join(' or ')}:\n${ended.output}`);
}
