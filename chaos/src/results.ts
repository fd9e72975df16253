import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Form, Outcome } from './experiment.ts';

/** What one experiment came to, and what it was run with. */
export interface Result extends Outcome {
  readonly name: string;
  readonly invariants: readonly number[];
  readonly does: string;
  readonly form: Form;
  readonly seed: number;
  readonly command: string;
  readonly commit: string;
  readonly startedAt: string;
  readonly seconds: number;
  readonly passed: boolean;
}

export interface Results {
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryBytes: number;
    readonly system: string;
  };
  readonly versions: Readonly<Record<string, string>>;
  readonly experiments: readonly Result[];
}

const FILE = fileURLToPath(new URL('../results.json', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Null when no long run was ever kept. */
export function readResults(): Results | null {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Results) : null;
}

/** Puts one result in the place of its like; a run that is cut off later keeps it. */
export function keepResult(result: Result, versions: Readonly<Record<string, string>>): void {
  const others = (readResults()?.experiments ?? []).filter(({ name }) => name !== result.name);
  const results: Results = {
    machine: describeMachine(),
    versions: { ...readResults()?.versions, ...versions },
    experiments: [...others, result].sort((a, b) => (a.invariants[0] ?? 0) - (b.invariants[0] ?? 0)),
  };
  writeFileSync(`${FILE}.new`, `${JSON.stringify(results, null, 1)}\n`);
  renameSync(`${FILE}.new`, FILE);
}

/** Of the working tree; with a `+` when there is more in it. */
export function describeCommit(): string {
  const git = (...args: string[]): string =>
    spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' }).stdout?.trim() ?? '';
  const changed = git('status', '--porcelain', '--', 'apps', 'libs') === '' ? '' : '+';
  return `${git('rev-parse', '--short', 'HEAD') || 'none'}${changed}`;
}

function describeMachine(): Results['machine'] {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
  };
}
