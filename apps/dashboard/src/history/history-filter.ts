import type { Input } from '../api/client.ts';
import type { AddressSettings } from '../routing/address.ts';

/** Which deployments of the past are looked at, as the API takes it. */
export type HistoryFilter = NonNullable<Input<'exportDeployments'>['query']>;

export const MODES = ['create', 'deployment', 'manual-deployment'] as const;
export const STATUSES = [
  'scheduled',
  'queued',
  'running',
  'cancelling',
  'succeeded',
  'failed',
  'cancelled',
  'needs_attention',
] as const;
/** The settings of the address that are filters. */
export const FILTERS = ['target', 'mode', 'status', 'rollout', 'createdAfter', 'createdBefore'] as const;

/** The filter that the address asks for; what it has that is none is left out, rather than refused. */
export function filterOf(address: Pick<AddressSettings, 'get'>): HistoryFilter {
  const filter: Record<string, string> = {};
  for (const name of FILTERS) {
    const value = address.get(name).trim();
    if (value !== '' && isTaken(name, value)) filter[name] = value;
  }
  return filter;
}

function isTaken(name: (typeof FILTERS)[number], value: string): boolean {
  switch (name) {
    case 'mode':
      return (MODES as readonly string[]).includes(value);
    case 'status':
      return (STATUSES as readonly string[]).includes(value);
    case 'rollout':
      return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);
    case 'target':
      return true;
    case 'createdAfter':
    case 'createdBefore':
      return !Number.isNaN(Date.parse(value));
  }
}

/** A time of the address as `<input type="datetime-local">` has it, in this browser's time zone. */
export function toLocalInput(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '';
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** And back; empty for what is no time. */
export function fromLocalInput(text: string): string {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? '' : at.toISOString();
}
