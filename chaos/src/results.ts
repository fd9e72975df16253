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

/** That a defect put in on purpose was noticed, or not. */
export interface DefectResult {
  readonly defect: string;
  readonly does: string;
  readonly experiment: string;
  readonly noticed: boolean;
  /** The claims that did not hold, with how often. */
  readonly violated: readonly string[];
  readonly command: string;
  readonly commit: string;
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
  readonly defects: readonly DefectResult[];
}

const FILE = fileURLToPath(new URL('../results.json', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Null when no long run was ever kept. */
export function readResults(): Results | null {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Results) : null;
}

/**
 * Puts one result in the place of its like; a run that is cut off later keeps it.
 * @param order names of all experiments
 */
export function keepResult(result: Result, versions: Readonly<Record<string, string>>, order: readonly string[]): void {
  const before = readResults();
  const others = (before?.experiments ?? []).filter(({ name }) => name !== result.name);
  keep({
    machine: describeMachine(),
    versions: { ...before?.versions, ...versions },
    experiments: [...others, result].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name)),
    defects: before?.defects ?? [],
  });
}

/** The same for a defect; there has to be something that it is beside. */
export function keepDefect(result: DefectResult): void {
  const before = readResults();
  if (before === null) return;
  const others = before.defects.filter(({ defect }) => defect !== result.defect);
  keep({ ...before, defects: [...others, result].sort((a, b) => (a.defect < b.defect ? -1 : 1)) });
}

function keep(results: Results): void {
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
