import { parseArgs } from 'node:util';

export const HELP = `npm run bench:service -- [options]

Without options: everything, written to bench/service/results.json and docs/benchmarks-service.md.

  --quick               small sizes, about a minute; only printed (and kept in bench/.local/service-results.json)
  --sections A,B        only these: ${['accepting', 'first-statement', 'many-targets', 'rollout', 'history', 'memory'].join(', ')}
  --server ID           15-disk, 15-tmpfs, 18-disk, 18-tmpfs; the first there is, unless told
  --rounds N            rounds of accepting and many-targets
  --add                 put what is measured in place of its like in bench/service/results.json, and keep the rest
  --report              measure nothing: write the document anew from bench/service/results.json
  --help`;

export const SECTIONS = ['accepting', 'first-statement', 'many-targets', 'rollout', 'history', 'memory'];

const FULL = {
  acceptRequests: 3000,
  acceptRounds: 5,
  samples: 100,
  targets: 500,
  targetRounds: 3,
  rolloutSizes: [100, 1_000],
  historySizes: [1_000, 100_000, 1_000_000],
  historySamples: 200,
  memoryBatches: 4,
};
const QUICK = {
  acceptRequests: 500,
  acceptRounds: 2,
  samples: 20,
  targets: 30,
  targetRounds: 1,
  rolloutSizes: [20, 60],
  historySizes: [1_000, 10_000, 50_000],
  historySamples: 40,
  memoryBatches: 1,
};

/**
 * @param {string[]} argv
 * @returns what to measure, and with what sizes
 */
export function readOptions(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      quick: { type: 'boolean', default: false },
      sections: { type: 'string' },
      server: { type: 'string' },
      rounds: { type: 'string' },
      add: { type: 'boolean', default: false },
      report: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const sections = values.sections?.split(',').filter((part) => part !== '') ?? SECTIONS;
  const unknown = sections.find((section) => !SECTIONS.includes(section));
  if (unknown !== undefined) throw new Error(`--sections: there is no ${unknown}; there are ${SECTIONS.join(', ')}`);
  const rounds = values.rounds === undefined ? null : Number(values.rounds);
  if (rounds !== null && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new Error('--rounds takes a positive whole number');
  }
  const sizes = values.quick ? QUICK : FULL;
  return {
    help: values.help,
    report: values.report,
    add: values.add,
    sections,
    server: values.server ?? null,
    sizes: rounds === null ? sizes : { ...sizes, acceptRounds: rounds, targetRounds: rounds },
    save: values.add || (!values.quick && sections.length === SECTIONS.length && values.server === undefined),
  };
}
