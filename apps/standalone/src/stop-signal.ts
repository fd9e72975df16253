const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One Ctrl-C may arrive twice: from the terminal, and passed on by npm. */
const SAME_WISH_MS = 300;

/** The wish of a person or of a service manager that this program end. */
export interface StopSignal {
  /** Resolves at the first signal. */
  readonly wished: Promise<void>;
  /** Resolves at a second signal: somebody is in a hurry. */
  readonly insisted: Promise<void>;
  isWished(): boolean;
}

/** From here on no signal ends the process by itself, so that all it started is always stopped in an orderly way. */
export function watchStopSignal(): StopSignal {
  let firstAt: number | null = null;
  let wish: () => void = () => undefined;
  let insist: () => void = () => undefined;
  const wished = new Promise<void>((resolve) => {
    wish = resolve;
  });
  const insisted = new Promise<void>((resolve) => {
    insist = resolve;
  });
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (firstAt === null) {
        firstAt = performance.now();
        wish();
      } else if (performance.now() - firstAt > SAME_WISH_MS) {
        insist();
      }
    });
  }
  return { wished, insisted, isWished: () => firstAt !== null };
}
