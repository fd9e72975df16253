import { parseArgs } from 'node:util';
import type { Form } from './experiment.ts';

export interface Options {
  readonly form: Form;
  /** Numbers of invariants and names of experiments; null: all experiments. */
  readonly only: readonly string[] | null;
  readonly seed: number;
  /** The name of a defect to put into a copy of the product; null: none. */
  readonly breaks: string | null;
  /** Where the results are kept besides what is printed; null: nowhere. */
  readonly save: boolean;
  /** Where a CI run wants the counts: `{"passed": …, "failed": …}`. */
  readonly countsFile: string | null;
  readonly report: boolean;
  readonly help: boolean;
}

export const SHORT_SEED = 20_260_101;

export const help = (experiments: readonly string[], defects: readonly string[]): string => `npm run chaos -- [options]

Breaks the service on purpose, and judges from the data whether what must always hold did. Starts Postgres servers, a
Redis, APIs and workers of its own on free ports, and ends them all.

Without options: everything at full size, about an hour; written to chaos/results.json and docs/reliability.md.

  --short          counts cut down, a fixed seed, a few minutes; only printed
  --only 1,audit   only what is about these invariants, or bears these names; their results take the place of the
                   earlier ones
  --seed N         what is broken when; without it one is drawn, and printed
  --break NAME     with a defect put into a copy of the built product: ${defects.join(', ')}
  --report         run nothing: write docs/reliability.md anew from chaos/results.json
  --help

Experiments, with the invariants they are about:
${experiments.map((line) => `  ${line}`).join('\n')}`;

/** @throws Error for what is not understood */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      short: { type: 'boolean', default: false },
      only: { type: 'string' },
      seed: { type: 'string' },
      break: { type: 'string' },
      counts: { type: 'string' },
      report: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const form = values.short ? 'short' : 'long';
  return {
    form,
    only: values.only === undefined ? null : values.only.split(',').map((text) => text.trim()),
    seed: values.seed === undefined ? drawSeed(form) : wholeNumber('--seed', values.seed),
    breaks: values.break ?? null,
    save: form === 'long' && values.break === undefined,
    countsFile: values.counts ?? null,
    report: values.report,
    help: values.help,
  };
}

function drawSeed(form: Form): number {
  return form === 'short' ? SHORT_SEED : Math.floor(Math.random() * 2 ** 31);
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new Error(`${option} takes whole numbers; ${JSON.stringify(text)} is none.`);
  return Number(text);
}
