import { type ChildProcess, spawn } from 'node:child_process';
import { seenWithin } from './wait.ts';

/** A process of the product. */
export interface Program {
  readonly pid: number;
  /** Everything it has written. */
  output(): string;
  hasEnded(): boolean;
  /** Resolves when it has ended: its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  signal(signal: NodeJS.Signals): void;
  /** Waits until it has written this, or has ended. @returns whether it has written it */
  said(text: string, withinMs: number): Promise<boolean>;
}

const living = new Set<ChildProcess>();

// However this process ends, nothing of it stays: a process that is stopped by SIGSTOP hears nothing else.
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** Starts a Node program that also ends by itself when its standard input does, which is when this process ends. */
export function startProgram(file: string, args: readonly string[], env: Readonly<Record<string, string>>): Program {
  const child = spawn(process.execPath, [file, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  living.add(child);
  const pieces: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => pieces.push(text));
  }
  child.stdin.on('error', () => undefined);
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      living.delete(child);
      resolve(code ?? signal ?? -1);
    });
  });
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const output = (): string => {
    if (pieces.length > 1) pieces.splice(0, pieces.length, pieces.join(''));
    return pieces[0] ?? '';
  };
  return {
    pid: child.pid as number,
    output,
    hasEnded,
    ended,
    signal: (signal) => void child.kill(signal),
    said: async (text, withinMs) => {
      await seenWithin(() => output().includes(text) || hasEnded(), Boolean, withinMs);
      return output().includes(text);
    },
  };
}
