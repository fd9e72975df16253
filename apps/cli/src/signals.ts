import type { RunEvent } from '@postgres-manager/sql-deploy';
import type { SignalName } from './exit-codes.ts';
import type { Reporter } from './output/reporter.ts';
import { type RunRecord, RunRecorder } from './run-record.ts';

const SIGNALS: readonly SignalName[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const PATIENCE_AFTER_SECOND_MS = 5_000;
/** Under `npx` a Ctrl-C comes twice: from the terminal, and passed on by npm. Both are one wish. */
const SAME_WISH_MS = 200;

/** Watches one piece of work on a target: its events, and the signals that come meanwhile. */
export interface Watch {
  readonly record: RunRecord;
  readonly onEvent: (event: RunEvent) => void;
  /** From here on, until `release`, no signal ends the process. Before it Node's own way is right: nothing is begun. */
  arm(): void;
  /** Aborted by the first signal. */
  readonly abortSignal: AbortSignal;
  /** The first signal that came, or null. */
  received(): SignalName | null;
  /** Resolves when, after a second signal, waiting any longer makes no sense. */
  readonly patienceEnded: Promise<void>;
  /** Gives the signals back to Node, which ends the process at the next one. */
  release(): void;
}

/** A watch that tells the reporter what it sees. */
export function watchSignals(reporter: Reporter): Watch {
  const record = new RunRecorder(Date.now());
  const controller = new AbortController();
  let endPatience = (): void => {};
  const patienceEnded = new Promise<void>((resolve) => {
    endPatience = resolve;
  });
  let first: { readonly signal: SignalName; readonly at: number } | null = null;
  let timer: NodeJS.Timeout | null = null;

  const tell = (signal: SignalName, nth: 1 | 2): void => {
    const running = record.running.map((step) => step.path);
    reporter.event({ type: 'signal', signal, nth, applied: [...record.finished], running }, record);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    const name = signal as SignalName;
    if (first === null) {
      first = { signal: name, at: Date.now() };
      tell(name, 1);
      controller.abort();
    } else if (timer === null && Date.now() - first.at > SAME_WISH_MS) {
      tell(name, 2);
      timer = setTimeout(endPatience, PATIENCE_AFTER_SECOND_MS);
    }
  };
  return {
    record,
    onEvent(event) {
      record.observe(event, Date.now());
      reporter.event(event, record);
    },
    arm() {
      for (const signal of SIGNALS) process.on(signal, onSignal);
    },
    abortSignal: controller.signal,
    received: () => first?.signal ?? null,
    patienceEnded,
    release() {
      if (timer !== null) clearTimeout(timer);
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
