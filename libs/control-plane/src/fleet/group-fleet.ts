import type { Labels } from '../targets/labels.ts';

/** How a target stands to a bundle; the first that is true. Without a bundle one that was seen is just `seen`. */
export type FleetState = 'never_seen' | 'moving' | 'failed' | 'changed' | 'behind' | 'current' | 'seen';

export const FLEET_STATES: readonly FleetState[] = [
  'never_seen',
  'moving',
  'failed',
  'changed',
  'behind',
  'current',
  'seen',
];

/** One target, as a worker last saw it. Times are ISO 8601, UTC. */
export interface FleetTarget {
  readonly target: string;
  readonly labels: Labels;
  readonly state: FleetState;
  /** The highest ordinal of deployment/ that is applied, and its file; null before any. */
  readonly ordinal: number | null;
  readonly lastFile: string | null;
  /** Files of the bundle's deployment/ that are not applied; null without a bundle, or before it was seen. */
  readonly pending: number | null;
  /** Applied with other bytes than the bundle's, at most 20. */
  readonly changed: readonly string[];
  /** Applied, and not in the bundle, at most 20. */
  readonly missing: readonly string[];
  /** Those with the same have the same files of deployment/ applied, byte for byte. */
  readonly fingerprint: string | null;
  readonly lastDeployment: { readonly id: string; readonly status: string; readonly createdAt: string } | null;
  /** When a worker was last there and read its ledger. */
  readonly lastContact: string | null;
}

/** Targets with the same files applied. */
export interface FingerprintGroup {
  /** Null: never seen. */
  readonly fingerprint: string | null;
  readonly ordinal: number | null;
  readonly lastFile: string | null;
  readonly count: number;
  /** The first of them, by name. */
  readonly targets: readonly string[];
}

/** Targets with the same label. */
export interface LabelGroup {
  readonly label: string;
  readonly value: string;
  readonly count: number;
  readonly states: Readonly<Partial<Record<FleetState, number>>>;
  /** How many different fingerprints there are among them: more than one, and somebody is the odd one out. */
  readonly fingerprints: number;
}

export interface FleetGroups {
  readonly states: Readonly<Record<FleetState, number>>;
  /** The largest first: the odd ones out are last. */
  readonly byFingerprint: readonly FingerprintGroup[];
  readonly byLabel: readonly LabelGroup[];
}

const MOST_NAMED = 20;
/** A label that nearly every target has a value of its own for groups nothing. */
const MOST_VALUES = 50;

/** What is known of a target before it is judged. */
export interface Seen extends Omit<FleetTarget, 'state'> {
  readonly isMoving: boolean;
}

const UNWELL = new Set(['failed', 'needs_attention']);

export function stateOf(seen: Seen): FleetState {
  if (seen.isMoving) return 'moving';
  if (UNWELL.has(seen.lastDeployment?.status ?? '')) return 'failed';
  if (seen.lastContact === null) return 'never_seen';
  if (seen.changed.length + seen.missing.length > 0) return 'changed';
  if (seen.pending === null) return 'seen';
  return seen.pending > 0 ? 'behind' : 'current';
}

/** Puts a fleet together by state, by what is applied, and by label. */
export function groupFleet(targets: readonly FleetTarget[]): FleetGroups {
  const states = Object.fromEntries(FLEET_STATES.map((state) => [state, 0])) as Record<FleetState, number>;
  const prints = new Map<string | null, FleetTarget[]>();
  const labels = new Map<string, Map<string, FleetTarget[]>>();
  for (const target of targets) {
    states[target.state]++;
    push(prints, target.fingerprint, target);
    for (const [label, value] of Object.entries(target.labels)) {
      const values = labels.get(label) ?? new Map<string, FleetTarget[]>();
      labels.set(label, values);
      push(values, value, target);
    }
  }
  return { states, byFingerprint: fingerprintGroups(prints), byLabel: labelGroups(labels) };
}

function push<K>(map: Map<K, FleetTarget[]>, key: K, target: FleetTarget): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [target]);
  else list.push(target);
}

function fingerprintGroups(prints: ReadonlyMap<string | null, FleetTarget[]>): FingerprintGroup[] {
  return [...prints]
    .map(([fingerprint, group]) => ({
      fingerprint,
      ordinal: group[0]?.ordinal ?? null,
      lastFile: group[0]?.lastFile ?? null,
      count: group.length,
      targets: group.slice(0, MOST_NAMED).map(({ target }) => target),
    }))
    .sort((a, b) => b.count - a.count || (a.fingerprint ?? '').localeCompare(b.fingerprint ?? ''));
}

function labelGroups(labels: ReadonlyMap<string, ReadonlyMap<string, FleetTarget[]>>): LabelGroup[] {
  const groups: LabelGroup[] = [];
  for (const [label, values] of [...labels].sort(([a], [b]) => a.localeCompare(b))) {
    if (values.size > MOST_VALUES) continue;
    for (const [value, group] of [...values].sort(([a], [b]) => a.localeCompare(b))) {
      const states: Partial<Record<FleetState, number>> = {};
      for (const { state } of group) states[state] = (states[state] ?? 0) + 1;
      const fingerprints = new Set(group.map(({ fingerprint }) => fingerprint)).size;
      groups.push({ label, value, count: group.length, states, fingerprints });
    }
  }
  return groups;
}
