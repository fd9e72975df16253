import type { Bell } from '../libs/control-plane/src/index.ts';

/** Rings for nobody, as with a Redis that is there. @param onTell takes what watchers would be told */
export function silentBell(onTell: Bell['tell'] = () => undefined): Bell {
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    ring: nothing,
    ringMissing: nothing,
    tell: onTell,
    counts: () => Promise.resolve({}),
    isAlive: () => Promise.resolve(true),
    close: nothing,
  };
}
