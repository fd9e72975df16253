import { exitCodeOfSignal, type SignalName } from '../../exit-codes.ts';

const SIGNALS: readonly SignalName[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** Under `npx` a Ctrl-C comes twice: from the terminal, and passed on by npm. Both are one wish. */
const SAME_WISH_MS = 200;

/** Signals while something goes on at the service: they end the watching, never the work. */
export interface Leaving {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  received(): SignalName | null;
  /** What comes first: the end of the work, or a signal (null). */
  race<T>(work: Promise<T>): Promise<T | null>;
  release(): void;
}

/**
 * From here until `release`, signals are taken.
 * @param farewell what to say, on stderr, when a second signal ends the process at once
 */
export function watchForLeaving(farewell: () => string): Leaving {
  const controller = new AbortController();
  let first: { readonly name: SignalName; readonly at: number } | null = null;
  const onSignal = (signal: NodeJS.Signals): void => {
    const name = signal as SignalName;
    if (first === null) {
      first = { name, at: Date.now() };
      controller.abort();
    } else if (Date.now() - first.at > SAME_WISH_MS) {
      process.stderr.write(`${farewell()}\n`);
      process.exit(exitCodeOfSignal(name));
    }
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const aborted = new Promise<null>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve(null), { once: true });
  });
  return {
    signal: controller.signal,
    received: () => first?.name ?? null,
    race: (work) => Promise.race([work, aborted]),
    release() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
