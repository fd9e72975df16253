import type { OutcomeStatus } from './outcome.ts';
import type { StopCode } from './stop.ts';

export type SignalName = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Wrong usage or configuration: nothing was asked of any database. */
export const USAGE_EXIT_CODE = 2;

const BY_STATUS: Readonly<Record<OutcomeStatus, number>> = {
  accepted: 0,
  succeeded: 0,
  nothing_to_do: 0,
  failed: 1,
  invalid: 3,
  refused: 4,
  busy: 4,
  needs_attention: 5,
};

/** Codes that blame the command line or the configuration, not the target. */
const CONFIGURATION: ReadonlySet<string> = new Set<StopCode>([
  'usage',
  'file_unwritable',
  'dsn_invalid',
  'root_missing',
  'folder_missing',
  'bundle_path_invalid',
  'file_unknown',
  'file_exists',
]);

/** What the process answers with; `code` is that of the failure, if there is one. */
export function exitCodeOf(status: OutcomeStatus, code: string | null): number {
  if (status === 'refused' && code !== null && CONFIGURATION.has(code)) return USAGE_EXIT_CODE;
  return BY_STATUS[status];
}

/** 128 and the signal's number, as shells count. */
export function exitCodeOfSignal(signal: SignalName): number {
  return { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[signal];
}
