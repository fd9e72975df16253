import type { Result } from './results.ts';

/** To standard output: nobody pipes this program's results, they are in a file. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function printOutcome({ checks, faults, figures, skipped = [], passed, seconds }: Result): void {
  const list = (entries: Readonly<Record<string, number | string>>): string =>
    Object.entries(entries)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
  if (Object.keys(faults).length > 0) say(`  done: ${list(faults)}`);
  if (Object.keys(figures).length > 0) say(`  seen: ${list(figures)}`);
  for (const { claim, n, violations, evidence } of checks) {
    say(`  ${violations === 0 && n > 0 ? 'ok      ' : 'VIOLATED'} ${claim}: ${violations} of ${n}`);
    for (const line of evidence) say(`           ${line}`);
  }
  for (const reason of skipped) say(`  skipped  ${reason}`);
  say(`  ${passed ? 'passed' : 'FAILED'} in ${seconds.toFixed(1)} s`);
}
