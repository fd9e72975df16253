import type { FleetTarget } from './fleet.ts';

/** Targets that belong together. */
export interface TargetGroup {
  /** The label's value; null: they lack it, or nothing was grouped. */
  readonly value: string | null;
  readonly targets: readonly FleetTarget[];
  /** Names of those that have other files applied than most of the group. */
  readonly odd: ReadonlySet<string>;
}

/**
 * Groups targets by a label; those without it come last.
 * @param label empty: one group of all
 */
export function groupTargets(targets: readonly FleetTarget[], label: string): TargetGroup[] {
  const groups = new Map<string | null, FleetTarget[]>();
  for (const target of targets) {
    const value = label === '' ? null : (target.labels[label] ?? null);
    const group = groups.get(value);
    if (group === undefined) groups.set(value, [target]);
    else group.push(target);
  }
  return [...groups]
    .sort(([a], [b]) => (a === null ? 1 : b === null ? -1 : a.localeCompare(b, 'en', { numeric: true })))
    .map(([value, members]) => ({ value, targets: members, odd: oddOnesOut(members) }));
}

/**
 * Those whose fingerprint is another than that of more than half of all that were seen. Where no fingerprint has a
 * majority nobody is the odd one out.
 */
export function oddOnesOut(targets: readonly FleetTarget[]): Set<string> {
  const seen = targets.filter(({ fingerprint }) => fingerprint !== null);
  const counts = new Map<string | null, number>();
  for (const { fingerprint } of seen) counts.set(fingerprint, (counts.get(fingerprint) ?? 0) + 1);
  const [usual] = [...counts].find(([, count]) => count * 2 > seen.length) ?? [];
  if (usual === undefined) return new Set();
  return new Set(seen.filter(({ fingerprint }) => fingerprint !== usual).map(({ target }) => target));
}

/** Every label that some target has, with its values: what can be grouped and filtered by. */
export function labelsOf(targets: readonly FleetTarget[]): Map<string, Set<string>> {
  const labels = new Map<string, Set<string>>();
  for (const target of targets) {
    for (const [name, value] of Object.entries(target.labels)) {
      const values = labels.get(name);
      if (values === undefined) labels.set(name, new Set([value]));
      else values.add(value);
    }
  }
  return new Map([...labels].sort(([a], [b]) => a.localeCompare(b)));
}
