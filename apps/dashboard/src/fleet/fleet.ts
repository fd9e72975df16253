import type { Answer } from '../api/client.ts';

/** A target as the fleet knows it. */
export type FleetTarget = Answer<'getFleet'>['targets'][number];
export type FleetState = FleetTarget['state'];

/** In the order of their weight: what needs somebody comes first. */
export const FLEET_STATES: readonly FleetState[] = [
  'failed',
  'changed',
  'behind',
  'moving',
  'never_seen',
  'seen',
  'current',
];
