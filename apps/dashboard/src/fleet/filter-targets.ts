import type { FleetState, FleetTarget } from './fleet.ts';

/** Which targets are looked at; what is empty or null leaves all. */
export interface FleetFilter {
  /** `env:production`; all must fit. */
  readonly labels: readonly string[];
  readonly ordinal: number | null;
  /** A part of the name. */
  readonly name: string;
  readonly states: readonly string[];
}

/** Those that fit, and how many there are of each state before the filter by state. */
export function filterTargets(
  targets: readonly FleetTarget[],
  filter: FleetFilter,
): { readonly shown: readonly FleetTarget[]; readonly counts: Readonly<Partial<Record<FleetState, number>>> } {
  const pairs = filter.labels.map((pair) => [pair.slice(0, pair.indexOf(':')), pair.slice(pair.indexOf(':') + 1)]);
  const name = filter.name.toLowerCase();
  const fitting = targets.filter(
    (target) =>
      pairs.every(([label = '', value]) => target.labels[label] === value) &&
      (filter.ordinal === null || target.ordinal === filter.ordinal) &&
      target.target.toLowerCase().includes(name),
  );
  const counts: Partial<Record<FleetState, number>> = {};
  for (const { state } of fitting) counts[state] = (counts[state] ?? 0) + 1;
  const shown = filter.states.length === 0 ? fitting : fitting.filter(({ state }) => filter.states.includes(state));
  return { shown, counts };
}
