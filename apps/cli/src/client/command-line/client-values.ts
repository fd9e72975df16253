import type { Source } from '../../values.ts';
import type { Labels } from './client-invocation.ts';

/** A day and a time with its offset: without one it would be another moment on another machine. */
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
const AGO = /^(\d{1,5})(m|h|d)$/;
const MINUTES = { m: 1, h: 60, d: 1440 } as const;

/** Reads a moment, `2030-04-06T09:00:00Z`; gives ISO 8601 in UTC. */
export function readMoment(source: Source | null, faults: string[]): string | null {
  if (source === null) return null;
  const ms = MOMENT.test(source.text) ? Date.parse(source.text) : Number.NaN;
  if (!Number.isNaN(ms)) return new Date(ms).toISOString();
  faults.push(`${source.label} must be a moment with its offset, such as 2030-04-06T09:00:00Z`);
  return null;
}

/** Reads a moment, or how long ago it was: `30m`, `12h`, `7d`. */
export function readPast(source: Source | null, now: number, faults: string[]): string | null {
  const ago = source === null ? null : AGO.exec(source.text);
  if (source !== null && ago !== null) {
    const minutes = Number(ago[1]) * MINUTES[ago[2] as keyof typeof MINUTES];
    return new Date(now - minutes * 60_000).toISOString();
  }
  const before = faults.length;
  const moment = readMoment(source, faults);
  if (faults.length > before) faults.push(`${faults.pop()}, or 30m, 12h, 7d for so long ago`);
  return moment;
}

/** Reads labels: `env=staging`, any number of them. */
export function readLabels(texts: readonly string[], faults: string[]): Labels {
  const labels: Record<string, string> = {};
  for (const text of texts) {
    const [, name, value] = /^([A-Za-z0-9][A-Za-z0-9_./-]{0,62})=([^\p{Cc}@]{0,200})$/u.exec(text) ?? [];
    if (name === undefined || value === undefined || value.includes('://')) {
      faults.push('--label must be a name and a value, such as env=staging');
    } else if (Object.hasOwn(labels, name)) faults.push(`--label ${name} is given more than once`);
    else labels[name] = value;
  }
  return labels;
}

/** Reads a whole number. */
export function readInteger(source: Source | null, min: number, max: number, faults: string[]): number | null {
  if (source === null) return null;
  const number = /^-?\d{1,10}$/.test(source.text) ? Number(source.text) : Number.NaN;
  if (number >= min && number <= max) return number;
  faults.push(`${source.label} must be a whole number from ${min} to ${max}`);
  return null;
}

/** Reads an id that the service gave. */
export function readId(text: string | undefined, faults: string[]): string | null {
  if (text === undefined) return null;
  if (/^[A-Za-z0-9-]{1,64}$/.test(text)) return text;
  // Not shown: a key or a DSN may have gone astray.
  faults.push('that is no id: ids are of letters, digits and hyphens, as `postgres-manager deployments` shows them');
  return null;
}
