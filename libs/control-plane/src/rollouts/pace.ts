import type { Rollout } from './rollout.ts';

/** How fast targets end, and when the last of them may. */
export interface Pace {
  /** Targets a minute. */
  readonly perMinute: number;
  readonly expectedEnd: string | null;
  /** What the two are reckoned from, in words. */
  readonly basis: string;
}

/** What has ended lately. Times are ms since 1970. */
export interface Lately {
  readonly ended: number;
  readonly since: number;
}

const FEW = 3;

/** Null while too little has ended to say anything. `waits` says that an end cannot be foretold, and why. */
export function paceOf(
  rollout: Pick<Rollout, 'status' | 'counts' | 'waitingFor' | 'between'>,
  lately: Lately,
  now: number,
): Pace | null {
  const seconds = Math.max(1, (now - lately.since) / 1000);
  if (rollout.status !== 'running' || lately.ended < FEW) return null;
  const perMinute = (lately.ended * 60) / seconds;
  const left = rollout.counts.pending + rollout.counts.started;
  const counted = `${lately.ended} targets ended in the last ${Math.round(seconds)} s, ${left} are left`;
  const blocked = whyNotForetold(rollout);
  if (blocked !== null) return { perMinute: round(perMinute), expectedEnd: null, basis: `${counted}; ${blocked}` };
  return {
    perMinute: round(perMinute),
    expectedEnd: new Date(now + (left / perMinute) * 60_000).toISOString(),
    basis: `${counted}.`,
  };
}

function whyNotForetold({ waitingFor, between }: Pick<Rollout, 'waitingFor' | 'between'>): string | null {
  if (between.kind === 'manual') return 'when a person promotes the waves cannot be foretold.';
  if (waitingFor !== null) return `it waits: the end cannot be foretold.`;
  return null;
}

function round(perMinute: number): number {
  return Math.round(perMinute * 10) / 10;
}
