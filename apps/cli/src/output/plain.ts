import { USAGE_EXIT_CODE } from '../exit-codes.ts';
import type { RunRecord } from '../run-record.ts';
import { formatDuration } from './duration.ts';
import { eventLine } from './event-lines.ts';
import type { LineWriter } from './line-writer.ts';
import type { Paint } from './paint.ts';
import type { ProgressEvent, Reporter } from './reporter.ts';

const FIRST_SIGN_OF_LIFE_MS = 10_000;

/** One line for each event that matters, for logs and pipes: nothing is ever rewritten. */
export function createPlainReporter(stdout: LineWriter, stderr: LineWriter, paint: Paint): Reporter {
  const signs = createSignsOfLife((line) => stdout.write(`${line}\n`), paint);
  let holder: string | null = null;
  return {
    event(event, record) {
      const line = eventLine(event, paint) ?? waitingLine(event, holder, paint);
      // Told once for each holder: the lock is asked for several times a second.
      if (event.type === 'waiting_for_lock') holder = event.holder;
      if (line !== null) stdout.write(`${line}\n`);
      signs.watch(record);
    },
    async finish(outcome) {
      signs.stop();
      const lines = await outcome.describe(paint);
      const out = outcome.exitCode === USAGE_EXIT_CODE ? stderr : stdout;
      if (lines.length > 0) out.write(`${lines.join('\n')}\n`);
      await stdout.flush();
      await stderr.flush();
    },
  };
}

function waitingLine(event: ProgressEvent, holder: string | null, paint: Paint): string | null {
  if (event.type === 'connecting' && event.reason !== null) {
    const reason = paint.line(event.reason).replace(/\.$/, '');
    return paint.yellow(`not connected yet: ${reason}; again in ${formatDuration(event.waitMs)}`);
  }
  if (event.type === 'waiting_for_lock' && event.holder !== holder)
    return paint.yellow(`waiting for another run: ${paint.line(event.holder)}`);
  return null;
}

/** Says that a long file is still running, after 10, 20, 40, … seconds: silence in a log looks like a hang. */
function createSignsOfLife(
  print: (line: string) => void,
  paint: Paint,
): { watch(record: RunRecord): void; stop(): void } {
  let timer: NodeJS.Timeout | null = null;
  let path: string | null = null;
  const arm = (record: RunRecord, afterMs: number): void => {
    timer = setTimeout(() => {
      const step = record.running[0];
      if (step === undefined || step.path !== path) return;
      const statements = step.statements > 1 ? `, statement ${step.statement} of ${step.statements}` : '';
      print(
        paint.dim(`running  ${paint.line(step.path)}  for ${formatDuration(Date.now() - step.startedAt)}${statements}`),
      );
      arm(record, Date.now() - step.startedAt);
    }, afterMs);
    timer.unref();
  };
  const stop = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };
  return {
    watch(record) {
      const first = record.running[0]?.path ?? null;
      if (first === path) return;
      path = first;
      stop();
      if (first !== null) arm(record, FIRST_SIGN_OF_LIFE_MS);
    },
    stop,
  };
}
