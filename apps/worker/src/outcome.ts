import type { Summary } from '@postgres-manager/control-plane';
import type { Report } from '@postgres-manager/sql-deploy';
import type { Verdict } from './settle.ts';

/** What a run came to: what is to become of its deployment, and what there is to tell of it. */
export interface Outcome {
  readonly verdict: Exclude<Verdict, { kind: 'ask_target' }>;
  /** Null when the library was not asked to run anything. */
  readonly report: Report | null;
  /** Where there is no report but the ledger was asked. */
  readonly summary: Summary | null;
}
