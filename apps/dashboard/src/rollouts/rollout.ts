import type { Answer, Item } from '../api/client.ts';

/** A rollout as lists show it. */
export type Rollout = Item<'listRollouts'>;
/** A rollout with all that is known of it but its targets one by one. */
export type RolloutDetail = Answer<'getRollout'>;
/** What would be run if the wave that waits were approved. */
export type WavePlan = Answer<'getRolloutApproval'>;
export type RolloutTarget = Item<'listRolloutTargets'>;
export type TargetState = RolloutTarget['state'];
export type StateCounts = Rollout['counts'];
export type RolloutWave = Rollout['waves'][number];

/** In the order of a bar: what is done, what is amiss, what is under way, what is to come. */
export const TARGET_STATES: readonly TargetState[] = [
  'succeeded',
  'skipped',
  'cancelled',
  'failed',
  'needs_attention',
  'started',
  'pending',
];

/** In the order of their weight: what needs somebody comes first. */
export const ROLLOUT_STATUSES = [
  'stopped',
  'stopping',
  'awaiting_approval',
  'paused',
  'pausing',
  'running',
  'scheduled',
  'cancelling',
  'failed',
  'succeeded',
  'cancelled',
] as const satisfies readonly Rollout['status'][];

/** How a state of a target is to look: one that waits for its turn is no cause for a colour. */
export function lookOf(state: TargetState): string {
  return state === 'pending' ? 'not_started' : state;
}

/** How many have ended, however they ended. */
export function endedOf({ pending, started, ...ended }: StateCounts): number {
  return Object.values(ended).reduce((sum, count) => sum + count, 0);
}

/** How many may be tried again. */
export function amissOf(counts: StateCounts): number {
  return counts.failed + counts.needs_attention + counts.cancelled;
}

/** It has come to its end; what failed in it may still be tried again. */
export function isAtItsEnd(status: string): boolean {
  return ['succeeded', 'failed', 'cancelled'].includes(status);
}

/** As much of an id or a digest as people tell apart. */
export function brief(id: string): string {
  return id.slice(0, 8);
}

/** What a wave takes: `the first 1`, `10 %`, `region: north or south`, `the rest`. */
export function selectionText(selection: RolloutWave['selection']): string {
  if (selection === 'rest') return 'the rest';
  if ('count' in selection) return `the first ${selection.count.toLocaleString('en')}`;
  if ('percent' in selection) return `${selection.percent} %`;
  return selectorText(selection.selector);
}

/** Labels that targets have to have: `app: shop, region: north or south`. */
export function selectorText(selector: Readonly<Record<string, string | readonly string[]>>): string {
  const parts = Object.entries(selector).map(
    ([label, values]) => `${label}: ${typeof values === 'string' ? values : values.join(' or ')}`,
  );
  return parts.length === 0 ? 'all targets' : parts.join(', ');
}
