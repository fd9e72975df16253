import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Experiment, hasPassed, type Outcome } from './experiment.ts';
import { type Defect, DEFECTS, withDefect } from './defects.ts';
import { EXPERIMENTS } from './experiments/index.ts';
import { type Lab, openLab } from './harness/lab.ts';
import { help, type Options, readOptions } from './options.ts';
import { printOutcome, say } from './print.ts';
import { createRandom } from './random.ts';
import { writeReport } from './report.ts';
import { describeCommit, keepDefect, keepResult, readResults, type Result } from './results.ts';

const LONGEST_MS = { long: 20 * 60_000, short: 100_000 };
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * `npm run chaos`.
 * @param given.redisProgram redis-server or valkey-server
 * @returns the exit code: 0 when all held, 1 when something did not, 2 when the command line is not understood
 */
export async function main(args: readonly string[], given: { readonly redisProgram: string | null }): Promise<number> {
  let options: Options;
  try {
    options = readOptions(args);
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)} \`npm run chaos -- --help\` tells more.`);
    return 2;
  }
  if (options.help) return tellHelp();
  if (options.report) return reportAgain();
  const chosen = choose(options);
  const known = EXPERIMENTS.flatMap(({ invariants, name }) => [name, ...invariants.map(String)]);
  const unknown = options.only?.find((text) => !known.includes(text));
  if (unknown !== undefined) {
    say(`There is no experiment ${JSON.stringify(unknown)}: \`npm run chaos -- --help\` lists them.`);
    return 2;
  }
  if (chosen.length === 0 || given.redisProgram === null) {
    say('There is nothing to run: see `npm run chaos -- --help`.');
    return 2;
  }
  endOnSignals();
  const { redisProgram } = given;
  const failed = await withDefect(ROOT, options.breaks, async (productRoot) => {
    const lab = await openLab(productRoot, redisProgram);
    try {
      return await runAll(
        lab,
        chosen,
        options,
        ['npm run chaos', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
      );
    } finally {
      await lab.close();
    }
  });
  if (options.countsFile !== null) {
    writeFileSync(options.countsFile, JSON.stringify({ passed: chosen.length - failed, failed }));
  }
  const results = readResults();
  if (results !== null && (options.save || options.breaks !== null)) writeReport(results);
  say(`\n${chosen.length - failed} passed, ${failed} failed (seed ${options.seed})`);
  return failed === 0 ? 0 : 1;
}

async function runAll(lab: Lab, chosen: readonly Experiment[], options: Options, command: string): Promise<number> {
  const [server] = await lab.targetCluster.admin.query<{ version: string }>(
    `SELECT current_setting('server_version') AS version`,
  );
  const versions = { PostgreSQL: server?.version ?? 'unknown', Node: process.versions.node };
  say(`seed ${options.seed}, ${options.form} form, PostgreSQL ${versions.PostgreSQL}`);
  let failed = 0;
  for (const experiment of chosen) {
    const startedAt = new Date();
    say(`\n${experiment.name} (invariant ${experiment.invariants.join(', ')})`);
    const outcome = await runOne(lab, experiment, options);
    const passed = hasPassed(outcome);
    if (!passed) failed++;
    const result: Result = {
      ...outcome,
      name: experiment.name,
      invariants: experiment.invariants,
      does: experiment.does,
      form: options.form,
      seed: options.seed,
      command,
      commit: describeCommit(),
      startedAt: startedAt.toISOString(),
      seconds: Math.round((Date.now() - startedAt.getTime()) / 100) / 10,
      passed,
    };
    printOutcome(result);
    if (options.save)
      keepResult(
        result,
        versions,
        EXPERIMENTS.map(({ name }) => name),
      );
    const defect = DEFECTS[options.breaks ?? ''];
    if (defect !== undefined) tellDefect(options.breaks ?? '', defect, result);
  }
  return failed;
}

/** Whether what was broken on purpose was noticed: kept only for the experiment that is meant to. */
function tellDefect(name: string, { does, noticedBy }: Defect, result: Result): void {
  const { passed, checks, command, commit } = result;
  say(`  ${name} was ${passed ? 'NOT noticed' : 'noticed'}`);
  if (noticedBy !== result.name) return;
  const violated = checks.filter(({ violations }) => violations > 0);
  keepDefect({
    defect: name,
    does,
    experiment: result.name,
    noticed: !passed,
    violated: violated.map(({ claim, violations, n }) => `${claim}: ${violations} of ${n}`),
    command,
    commit,
  });
}

/** An experiment that breaks off, or never ends, has failed; the next one begins all the same. */
async function runOne(lab: Lab, experiment: Experiment, { seed, form }: Options): Promise<Outcome> {
  // Its own chances, whatever ran before: so one alone is what it was among all.
  const random = createRandom(seed + (experiment.invariants[0] ?? 0) * 7919);
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('It did not come to its end in time.')), LONGEST_MS[form]);
  });
  try {
    const outcome = experiment.run({ lab, random, form, say: (line) => say(`  ${line}`) });
    return await Promise.race([outcome, tooLong]);
  } catch (error) {
    const evidence = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
    const broken = { claim: 'the experiment ran to its end', n: 1, violations: 1, evidence };
    return { faults: {}, checks: [broken], figures: {} };
  } finally {
    clearTimeout(timer);
  }
}

function choose({ only }: Options): Experiment[] {
  return EXPERIMENTS.filter(
    ({ invariants, name }) =>
      only === null || only.includes(name) || invariants.some((number) => only.includes(String(number))),
  );
}

function tellHelp(): number {
  const lines = EXPERIMENTS.map(({ invariants, name, does }) => `${invariants.join(', ').padEnd(5)} ${name}: ${does}`);
  say(help(lines, Object.keys(DEFECTS)));
  return 0;
}

function reportAgain(): number {
  const results = readResults();
  if (results === null) {
    say('chaos/results.json is not there: run `npm run chaos` first.');
    return 2;
  }
  writeReport(results);
  return 0;
}

/** What was started ends with this process: processes by its `exit` handler, servers by their watchers. */
function endOnSignals(): void {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => process.exit(code));
  }
}
