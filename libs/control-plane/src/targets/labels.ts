/** Names and values that targets are grouped by: `{env: 'staging', region: 'eu'}`. */
export type Labels = Readonly<Record<string, string>>;

/** True when `labels` has all of `wanted`. An empty `wanted` fits everything. */
export function hasLabels(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}
