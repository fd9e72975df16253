import { type RolloutStatus, type StateCounts, sumCounts } from './rollout-states.ts';
import type { WaitingForFreeze } from '../freezes/freeze.ts';
import { placeInWindow, type Window } from './window.ts';

/** What comes between a wave and the next. */
export type Between =
  | { readonly kind: 'auto' }
  | { readonly kind: 'manual' }
  | { readonly kind: 'seconds'; readonly seconds: number };

/** Targets of a wave that are not started without an approval. */
export interface Unapproved {
  readonly wave: number;
  readonly count: number;
  /** The first of them, in their order. */
  readonly targets: readonly string[];
  /** Why the first is protected. */
  readonly reason: string;
}

/** All that a rollout's next step depends on. Times are ms since 1970. */
export interface RolloutStanding {
  readonly status: RolloutStatus;
  /** In order, the first is number 1. */
  readonly waves: readonly StateCounts[];
  /** The number of the last wave that was opened. */
  readonly openWave: number;
  /** The last wave that a person has let go. */
  readonly promotedWave: number;
  /** When the next wave opens; null: that is not a matter of time, or not found out yet. */
  readonly gateOpensAt: number | null;
  readonly between: Between;
  readonly maxParallel: number;
  readonly failureBudget: number;
  /** Since the last resume. */
  readonly failures: number;
  readonly notBefore: number | null;
  readonly window: Window | null;
  /** Within which all but the slowest twentieth of the finished targets ended. */
  readonly slowestTwentiethMs: number | null;
  /** What stands over all of its targets. */
  readonly freeze: WaitingForFreeze | null;
  /** The last wave that nothing in it needed an approval for any more when it was begun. */
  readonly approvedWave: number;
  /** What is protected and not approved in the first wave after that which is not finished; null: nothing. */
  readonly unapproved: Unapproved | null;
}

/** What a rollout waits for; null when it moves by itself, or is at its end. Times are ISO 8601, UTC. */
export type RolloutWaitingFor =
  | { readonly kind: 'time'; readonly until: string; readonly reason: string }
  | { readonly kind: 'window'; readonly until: string; readonly reason: string }
  | { readonly kind: 'promotion'; readonly wave: number }
  | { readonly kind: 'targets'; readonly started: number; readonly reason: string }
  | { readonly kind: 'resume'; readonly reason: string }
  | {
      readonly kind: 'wave_approval';
      /** Null: single deployments of waves that have begun wait, each for its own. */
      readonly wave: number | null;
      /** How many targets, and the first of them. */
      readonly count: number;
      readonly targets: readonly string[];
      readonly reason: string;
    }
  | WaitingForFreeze;

/** What is to be done now. */
export interface RolloutDecision {
  readonly status: RolloutStatus;
  readonly openWave: number;
  readonly approvedWave: number;
  readonly gateOpensAt: number | null;
  /** So many more of a wave may be started; null: none. */
  readonly start: { readonly wave: number; readonly most: number } | null;
  readonly waitingFor: RolloutWaitingFor | null;
  /** When to look again, should nobody tell before; null: whoever ends a deployment, or a person, makes it go on. */
  readonly lookAt: number | null;
}

/**
 * Decides what a rollout does next; pure. It says the same however often it is asked, until something has changed:
 * so any number of processes may ask.
 */
export function decide(standing: RolloutStanding, now: number): RolloutDecision {
  const all = sumCounts(standing.waves);
  switch (standing.status) {
    case 'scheduled':
      return standing.notBefore !== null && standing.notBefore > now
        ? waiting(standing, timeGate(standing.notBefore, 'It is not to begin before then.'))
        : goOn({ ...standing, status: 'running' }, all, now);
    case 'awaiting_approval':
    case 'running':
      return goOn({ ...standing, status: 'running' }, all, now);
    case 'pausing':
    case 'stopping':
    case 'cancelling':
      return windDown(standing, all);
    case 'paused':
      // The last that waited may have been left out meanwhile.
      if (all.pending + all.started === 0) return at(standing, endOf(all));
      return waiting(standing, { waitingFor: { kind: 'resume', reason: 'It was paused.' }, lookAt: null });
    case 'stopped':
      if (all.pending + all.started === 0) return at(standing, endOf(all));
      return waiting(standing, { waitingFor: { kind: 'resume', reason: failuresText(standing) }, lookAt: null });
    case 'cancelled':
    case 'succeeded':
    case 'failed':
      return waiting(standing, { waitingFor: null, lookAt: null });
  }
}

type Waiting = Pick<RolloutDecision, 'waitingFor' | 'lookAt'>;

function waiting(standing: RolloutStanding, { waitingFor, lookAt }: Waiting): RolloutDecision {
  const { status, openWave, approvedWave, gateOpensAt } = standing;
  return { status, openWave, approvedWave, gateOpensAt, start: null, waitingFor, lookAt };
}

function timeGate(until: number, reason: string): Waiting {
  return { waitingFor: { kind: 'time', until: new Date(until).toISOString(), reason }, lookAt: until };
}

function failuresText({ failures, failureBudget }: RolloutStanding): string {
  const count = failures === 1 ? 'A target has failed' : `${failures} targets have failed`;
  return `${count}, and the budget is ${failureBudget}.`;
}

/** What runs is left to end, or being cancelled; nothing starts. */
function windDown(standing: RolloutStanding, all: StateCounts): RolloutDecision {
  if (all.started > 0) {
    const reason = standing.status === 'cancelling' ? 'They are being cancelled.' : 'What runs is left to end.';
    const waitingFor = { kind: 'targets', started: all.started, reason } as const;
    // Whoever asked for the cancel may be lost before all were told: each round of reconciling looks.
    return waiting(standing, { waitingFor, lookAt: standing.status === 'cancelling' ? 0 : null });
  }
  if (standing.status === 'cancelling') return at(standing, 'cancelled');
  if (all.pending === 0) return at(standing, endOf(all));
  const isPause = standing.status === 'pausing' && standing.failures <= standing.failureBudget;
  return decide({ ...standing, status: isPause ? 'paused' : 'stopped' }, 0);
}

function at(standing: RolloutStanding, status: RolloutStatus): RolloutDecision {
  return waiting({ ...standing, status }, { waitingFor: null, lookAt: null });
}

function endOf(all: StateCounts): RolloutStatus {
  return all.failed + all.needs_attention + all.cancelled === 0 ? 'succeeded' : 'failed';
}

function goOn(standing: RolloutStanding, all: StateCounts, now: number): RolloutDecision {
  if (all.pending + all.started === 0) return at(standing, endOf(all));
  if (standing.failures > standing.failureBudget) return windDown({ ...standing, status: 'stopping' }, all);
  const unfinished = standing.waves.findIndex(({ pending, started }) => pending + started > 0) + 1;
  const isOpen = unfinished <= standing.openWave;
  const gate = (isOpen ? null : openNext(standing, now)) ?? awaitApproval(standing, unfinished, all.started);
  if (gate !== null) return gate;
  if (isOpen) return startMore(standing, unfinished, all.started, now);
  return startMore({ ...standing, openWave: standing.openWave + 1, gateOpensAt: null }, unfinished, all.started, now);
}

/** What keeps the next wave from being opened; null: nothing. */
function openNext(standing: RolloutStanding, now: number): RolloutDecision | null {
  const { between, openWave, promotedWave, gateOpensAt } = standing;
  const next = openWave + 1;
  if (between.kind === 'auto' || promotedWave >= next) return null;
  if (between.kind === 'manual') {
    return waiting(standing, { waitingFor: { kind: 'promotion', wave: next }, lookAt: null });
  }
  const opensAt = gateOpensAt ?? now + between.seconds * 1000;
  if (opensAt <= now) return null;
  return waiting(
    { ...standing, gateOpensAt: opensAt },
    timeGate(opensAt, `Wave ${next} begins ${between.seconds} s after the end of wave ${openWave}.`),
  );
}

/** What of a wave nobody has approved keeps all of it from being begun; null: nothing. */
function awaitApproval(standing: RolloutStanding, wave: number, started: number): RolloutDecision | null {
  const { unapproved, approvedWave } = standing;
  if (unapproved === null || unapproved.wave !== wave || approvedWave >= wave) return null;
  const { count, targets, reason } = unapproved;
  const status = started > 0 ? 'running' : 'awaiting_approval';
  const waitingFor = { kind: 'wave_approval', wave, count, targets, reason } as const;
  return waiting({ ...standing, status }, { waitingFor, lookAt: null });
}

/** Starts as many of a wave as there is room for. */
function startMore(standing: RolloutStanding, wave: number, started: number, now: number): RolloutDecision {
  const counts = standing.waves[wave - 1];
  const room = Math.min(standing.maxParallel - started, counts?.pending ?? 0);
  const closed = room > 0 ? (frozen(standing, now) ?? outsideWindow(standing, now)) : null;
  if (closed !== null) return waiting(standing, closed);
  // A wave that is empty of what waits, or a full house: whoever ends a deployment makes it go on.
  if (room <= 0) return waiting(standing, { waitingFor: null, lookAt: null });
  const decided = waiting(standing, { waitingFor: null, lookAt: null });
  const openWave = Math.max(standing.openWave, wave);
  return { ...decided, openWave, approvedWave: Math.max(standing.approvedWave, wave), start: { wave, most: room } };
}

/** Looked at again now and then, should whoever lifted it not have told. */
const FREEZE_LOOK_MS = 5000;

function frozen({ freeze }: RolloutStanding, now: number): Waiting | null {
  return freeze === null ? null : { waitingFor: freeze, lookAt: now + FREEZE_LOOK_MS };
}

/** Why nothing may start now; null: it may. */
function outsideWindow({ window, slowestTwentiethMs }: RolloutStanding, now: number): Waiting | null {
  if (window === null) return null;
  const place = placeInWindow(window, now);
  const needed = slowestTwentiethMs ?? 0;
  if (place.isOpen && now + needed <= place.closesAt) return null;
  if (!place.isOpen) return windowGate(place.opensAt, 'Outside the window nothing is started.');
  const after = placeInWindow(window, place.closesAt);
  return windowGate(
    after.isOpen ? place.closesAt : after.opensAt,
    `What is left of the window (until ${new Date(place.closesAt).toISOString()}) is too short: one target in twenty took longer than ${Math.round(needed / 1000)} s.`,
  );
}

function windowGate(until: number, reason: string): Waiting {
  return { waitingFor: { kind: 'window', until: new Date(until).toISOString(), reason }, lookAt: until };
}
