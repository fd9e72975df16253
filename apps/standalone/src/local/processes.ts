import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The command line of a process; null when it is gone, or may not be looked at. */
export async function commandLineOf(pid: number): Promise<string | null> {
  try {
    if (process.platform === 'linux') {
      const line = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
      return line === '' ? null : line;
    }
    return (await run('ps', ['-o', 'command=', '-p', String(pid)])).stdout.trim() || null;
  } catch {
    return null;
  }
}

export interface PortOwner {
  readonly pid: number;
  readonly command: string;
}

/** The process that listens on a TCP port, where the system tells: null where it doesn't, or it is another user's. */
export async function listenerOn(port: number): Promise<PortOwner | null> {
  const pid = (await askLsof(port)) ?? (await askSs(port));
  if (pid === null) return null;
  return { pid, command: (await commandLineOf(pid)) ?? 'unknown' };
}

async function askLsof(port: number): Promise<number | null> {
  return firstNumber('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], /^(\d+)/m);
}

async function askSs(port: number): Promise<number | null> {
  return firstNumber('ss', ['-Hltnp', `sport = :${port}`], /pid=(\d+)/);
}

async function firstNumber(program: string, words: readonly string[], pattern: RegExp): Promise<number | null> {
  try {
    const found = pattern.exec((await run(program, words, { timeout: 2000 })).stdout)?.[1];
    return found === undefined ? null : Number(found);
  } catch {
    return null;
  }
}
