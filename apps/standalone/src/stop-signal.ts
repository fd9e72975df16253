const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The wish of a person or of a service manager that this program end. */
export interface StopSignal {
  /** Resolves at the first signal. */
  readonly wished: Promise<void>;
  isWished(): boolean;
}

/** From here on no signal ends the process by itself, so that Postgres is always stopped in an orderly way. */
export function watchStopSignal(): StopSignal {
  let wished = false;
  const promise = new Promise<void>((resolve) => {
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        wished = true;
        resolve();
      });
    }
  });
  return { wished: promise, isWished: () => wished };
}
