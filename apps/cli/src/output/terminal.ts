import { USAGE_EXIT_CODE } from '../exit-codes.ts';
import type { RunRecord } from '../run-record.ts';
import { eventLine } from './event-lines.ts';
import type { LineWriter } from './line-writer.ts';
import type { Paint } from './paint.ts';
import { progressLine } from './progress-line.ts';
import type { Reporter } from './reporter.ts';

const REDRAW_EVERY_MS = 100;
/** Up so many lines and back to the first column, and clear all that is below (ECMA-48 CUU, CR, ED). */
const clearLines = (lines: number): string => `${lines > 1 ? `\u001b[${lines - 1}A` : ''}\r\u001b[J`;

/**
 * For people at a terminal: what happened stays as lines, and below them one line, or a picture of several, is rewritten
 * in place.
 * @param columns the terminal's width now; it may change during a run
 */
export function createTerminalReporter(
  stdout: LineWriter,
  stderr: LineWriter,
  paint: Paint,
  columns: () => number,
): Reporter {
  let shown = 0;
  let cancelling = false;
  let timer: NodeJS.Timeout | null = null;

  const clear = (): string => {
    const code = shown > 0 ? clearLines(shown) : '';
    shown = 0;
    return code;
  };
  // What is watched may change: from the asking to the thing that was asked for.
  let latest: RunRecord | null = null;
  const draw = (): void => {
    const record = latest;
    if (record === null) return;
    const lines = record.picture?.(columns(), paint) ?? [
      paint.bold(progressLine(record, cancelling, Date.now(), columns())),
    ];
    stdout.write(`${clear()}${lines.join('\n')}`);
    shown = lines.length;
  };
  return {
    event(event, record) {
      latest = record;
      if (event.type === 'signal') cancelling = true;
      const line = eventLine(event, paint);
      if (line !== null) stdout.write(`${clear()}${line}\n`);
      // Drawn by the clock alone: drawing at each event would slow down a run of many quick files.
      timer ??= setInterval(draw, REDRAW_EVERY_MS).unref();
    },
    async finish(outcome) {
      if (timer !== null) clearInterval(timer);
      stdout.write(clear());
      const lines = await outcome.describe(paint);
      const out = outcome.exitCode === USAGE_EXIT_CODE ? stderr : stdout;
      // In this order, also when both streams are the same terminal.
      await stdout.flush();
      if (lines.length > 0) out.write(`${lines.join('\n')}\n`);
      await out.flush();
    },
  };
}
