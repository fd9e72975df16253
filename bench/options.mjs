import { parseArgs } from 'node:util';

export const HELP = `npm run bench -- [options]

Without options: everything, five rounds each, written to bench/results.json, docs/benchmarks.md and docs/benchmarks.svg.
With any option that leaves something out, the figures are only printed (and kept in bench/.local/results.json).

  --quick               one round, loopback and 5 ms only
  --rounds N            rounds of each comparison (default 5)
  --only A,B            only these contenders
  --servers A,B         only these servers: 15-disk, 15-tmpfs, 18-disk, 18-tmpfs
  --workloads A,B       only these workloads: small, mixed
  --rtt 0,5             only these round trips in ms; 0 is plain loopback
  --sections A,B        only these: comparison, nothing-to-do, memory
  --save                write the documents all the same
  --add                 put what is measured in place of its like in bench/results.json, and keep the rest; comparisons
                        only, unless --sections says more
  --report              measure nothing: write the documents anew from bench/results.json
  --help`;

export const ALL_RTTS_MS = [0, 1, 5, 20];
const SECTIONS = ['comparison', 'nothing-to-do', 'memory'];

/**
 * @param {string[]} argv
 * @returns what to measure; `null` in a list stands for everything
 */
export function readOptions(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: { type: 'string' },
      servers: { type: 'string' },
      workloads: { type: 'string' },
      rtt: { type: 'string' },
      sections: { type: 'string' },
      save: { type: 'boolean', default: false },
      add: { type: 'boolean', default: false },
      report: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const rounds = values.rounds === undefined ? (values.quick ? 1 : 5) : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a positive whole number');
  const sections = list(values.sections) ?? (values.add ? ['comparison'] : SECTIONS);
  const unknown = sections.find((section) => !SECTIONS.includes(section));
  if (unknown !== undefined) throw new Error(`--sections: there is no ${unknown}; there are ${SECTIONS.join(', ')}`);
  const narrowed = ['only', 'servers', 'workloads', 'rtt', 'sections'].some((name) => values[name] !== undefined);
  return {
    help: values.help,
    report: values.report,
    add: values.add,
    rounds,
    contenders: list(values.only),
    servers: list(values.servers),
    workloads: list(values.workloads),
    rttsMs: list(values.rtt)?.map(Number) ?? (values.quick ? [0, 5] : ALL_RTTS_MS),
    sections,
    /** Paired runs of the command with nothing to do. */
    pairs: values.quick ? 5 : 21,
    save: values.save || values.add || (!narrowed && !values.quick && rounds >= 5),
  };
}

/** @returns {string[] | null} */
function list(text) {
  return text === undefined ? null : text.split(',').filter((part) => part !== '');
}
