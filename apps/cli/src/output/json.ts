import type { ResultFields } from '../outcome.ts';
import type { Stop } from '../stop.ts';
import type { LineWriter } from './line-writer.ts';
import type { Reporter } from './reporter.ts';
import { terminalSafeJson } from './sanitize.ts';

/** One JSON object per line on stdout and nothing else; the last one is the result. */
export function createJsonReporter(stdout: LineWriter): Reporter {
  const print = (value: object): void => stdout.write(`${terminalSafeJson(JSON.stringify(value))}\n`);
  return {
    event: (event) => print(event.type === 'service' ? event.json : event),
    finish: (outcome) => {
      for (const item of outcome.items ?? []) print(item);
      print({ ...resultLine(outcome.result), ...outcome.extra });
      return stdout.flush();
    },
  };
}

/** The result with its keys in the order that is promised. */
export function resultLine(result: ResultFields): object {
  const { mode, status, applied, skipped, baselined, failed, problems, durationMs } = result;
  return {
    type: 'result',
    mode,
    status,
    applied,
    skipped,
    baselined,
    failed: failed === null ? null : failureFields(failed),
    problems,
    durationMs: Math.round(durationMs),
  };
}

/** A failure's seven keys. */
export function failureFields(stop: Stop): object {
  const { file, line, column, sqlstate, code, message, hint } = stop;
  return { file, line, column, sqlstate, code, message, hint };
}
