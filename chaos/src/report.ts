import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Check } from './experiment.ts';
import { INVARIANTS } from './invariants.ts';
import { HOW_TO_READ, LIMITS, OPERATOR_TABLE, REPEAT } from './report-texts.ts';
import type { DefectResult, Result, Results } from './results.ts';

const DOCUMENT = fileURLToPath(new URL('../../docs/reliability.md', import.meta.url));

/** Writes docs/reliability.md from results as chaos/results.json keeps them. */
export function writeReport(results: Results): void {
  writeFileSync(DOCUMENT, composeReport(results));
}

function composeReport(results: Results): string {
  return [
    '# Reliability',
    '<!-- Written by `npm run chaos` from chaos/results.json: change chaos/src/report.ts, not this page. -->',
    'What must always hold, and what was seen of it while the service was being broken. Each row is an experiment with ' +
      'the real programs on real servers; anyone can repeat it.',
    '## What must always hold',
    table(
      ['', 'what was done', 'N', 'broken', 'at most'],
      INVARIANTS.map(({ number, text }) => invariantRow(number, text, results.experiments)),
    ),
    HOW_TO_READ,
    '## What an operator sees',
    OPERATOR_TABLE,
    '## Everything that was judged',
    ...results.experiments.map(describe),
    '## Would it be noticed?',
    describeDefects(results.defects),
    '## What this does not show',
    LIMITS,
    '## Machine and versions',
    describeMachine(results),
    '## To repeat it',
    REPEAT,
    '',
  ].join('\n\n');
}

/** The check that an invariant is mainly about, where it is not the experiment's first. */
const MAIN_CHECK: Readonly<Record<number, number>> = { 5: 1 };

function invariantRow(number: number, text: string, experiments: readonly Result[]): string[] {
  const result = experiments.find(({ invariants }) => invariants.includes(number));
  const main = result?.checks[MAIN_CHECK[number] ?? 0] ?? result?.checks[0];
  if (result === undefined || main === undefined) return [`${number}. ${text}`, 'not run yet', '', '', ''];
  return [`${number}. ${text}`, result.does, count(main.n), count(main.violations), bound(main)];
}

function describe(result: Result): string {
  const { name, invariants, faults, figures, checks, skipped = [] } = result;
  return [
    `### ${name}`,
    `About ${invariants.length > 1 ? 'invariants' : 'invariant'} ${invariants.join(' and ')}: ${result.does}.`,
    `Done: ${list(faults) || 'see above'}.`,
    ...(Object.keys(figures).length === 0 ? [] : [`Seen: ${list(figures)}.`]),
    ...skipped.map((reason) => `Skipped: ${reason}.`),
    table(
      ['claim', 'N', 'broken', 'at most'],
      checks.map((one) => [one.claim, count(one.n), count(one.violations), bound(one)]),
    ),
    `\`${result.command}\`, seed ${result.seed}, ${result.seconds.toFixed(0)} s, ${result.startedAt.slice(0, 10)}, ` +
      `commit ${result.commit}${result.form === 'long' ? '' : ', short form'}.`,
  ].join('\n\n');
}

function describeDefects(defects: readonly DefectResult[]): string {
  const intro =
    'A judge that can’t fail shows nothing. So defects are put into a copy of the built product, one at a time ' +
    '(`chaos/src/defects.ts` has the exact edits), and the experiment is run again. The checkout is left as it is.';
  if (defects.length === 0) return intro;
  const rows = defects.map((one) => [
    `\`${one.defect}\`: ${one.does}`,
    `\`${one.command}\``,
    one.noticed ? `noticed: ${one.violated.join('; ')}` : '**not noticed**',
  ]);
  return `${intro}\n\n${table(['defect', 'command', 'what became of it'], rows)}`;
}

/** With no failure in N tries, the rate of failures is below 3/N with a probability of 95 % (the rule of three). */
function bound({ n, violations }: Check): string {
  if (violations > 0) return '**broken**';
  return n < 4 ? 'too few' : `${Number((300 / n).toPrecision(2))} %`;
}

function list(entries: Readonly<Record<string, number | string>>): string {
  return Object.entries(entries)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? value.toLocaleString('en') : value}`)
    .join(', ');
}

function describeMachine({ machine, versions }: Results): string {
  const memory = (machine.memoryBytes / 1024 ** 3).toFixed(0);
  return [
    `- ${machine.cores} cores (${machine.cpu}), ${memory} GiB of memory, ${machine.system}; shared with other work`,
    `- ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}`,
  ].join('\n');
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
