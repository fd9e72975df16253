import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type Files, temporaryRoot } from '../../../../test-support/temporary-root.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/postgres-manager.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface Started {
  kill(signal: NodeJS.Signals): void;
  /** Gives it a text on its standard input, which ends there. */
  type(text: string): void;
  /** What it wrote to stdout so far. */
  output(): string;
  readonly ended: Promise<Ended>;
}

/** Starts the command with nothing in its environment but what is given. */
export function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: { PATH: process.env['PATH'] ?? '', ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    kill: (signal) => child.kill(signal),
    type: (text) => child.stdin.end(text),
    output: () => stdout,
    ended: new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    }),
  };
}

/** Runs the command to its end. */
export function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return start(args, env).ended;
}

/** The last line of a run with --json. */
export function result(ended: Ended): Record<string, unknown> {
  return JSON.parse(ended.stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

/** A root with these files, removed after the test. */
export async function rootWith(files: Files): Promise<string> {
  const root = await temporaryRoot(files);
  onTestFinished(() => root.remove());
  return root.path;
}
