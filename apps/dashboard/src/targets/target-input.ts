import type { Answer, Input } from '../api/client.ts';

/** A target as its form has it: everything is text. */
export interface TargetForm {
  readonly name: string;
  /** Write-only: it comes from a person and goes to the API, and nothing ever puts it back here. */
  readonly dsn: string;
  readonly dsnEnv: string;
  /** One `name:value` a line, or with spaces between. */
  readonly labels: string;
  readonly acceptPooler: boolean;
  readonly acceptIdentity: boolean;
  readonly lockTimeoutMs: string;
  readonly statementTimeoutMs: string;
}

type Target = Answer<'getTarget'>;
type Body = Input<'putTarget'>['body'];

/** How the form begins: for a new target empty, else with what may be shown of it. */
export function formOf(target: Target | null): TargetForm {
  return {
    name: target?.name ?? '',
    dsn: '',
    dsnEnv: target?.dsnEnv ?? '',
    labels: labelsText(target?.labels ?? {}),
    acceptPooler: target?.acceptPooler ?? false,
    acceptIdentity: false,
    lockTimeoutMs: target?.lockTimeoutMs?.toString() ?? '',
    statementTimeoutMs: target?.statementTimeoutMs?.toString() ?? '',
  };
}

/**
 * What is sent: an address that was not touched is left out, and so stays. What is not in order goes as it is; the
 * service says what is wrong with it.
 */
export function bodyOf(form: TargetForm, before: Target | null): Body {
  const variable = form.dsnEnv.trim();
  return {
    ...(form.dsn === '' ? {} : { dsn: form.dsn.trim() }),
    ...(variable === '' || variable === before?.dsnEnv ? {} : { dsnEnv: variable }),
    labels: parseLabels(form.labels).labels,
    acceptPooler: form.acceptPooler,
    lockTimeoutMs: form.lockTimeoutMs === '' ? null : Number(form.lockTimeoutMs),
    statementTimeoutMs: form.statementTimeoutMs === '' ? null : Number(form.statementTimeoutMs),
    ...(form.acceptIdentity ? { acceptIdentity: true } : {}),
  };
}

/** Labels as text: `env:production region:eu`. */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}:${value}`)
    .join(' ');
}

/** And back; what is no `name:value` is told. */
export function parseLabels(text: string): { readonly labels: Record<string, string>; readonly fault: string | null } {
  const labels: Record<string, string> = {};
  for (const pair of text.split(/[\s,]+/).filter(Boolean)) {
    const colon = pair.indexOf(':');
    if (colon < 1 || colon === pair.length - 1) return { labels, fault: `“${pair}” is not of the form name:value.` };
    const name = pair.slice(0, colon);
    if (Object.hasOwn(labels, name)) return { labels, fault: `${name} is given twice.` };
    labels[name] = pair.slice(colon + 1);
  }
  return { labels, fault: null };
}
