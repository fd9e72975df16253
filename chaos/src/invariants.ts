/** What must always hold, in the order that everything else refers to. */
export const INVARIANTS: readonly { readonly number: number; readonly text: string }[] = [
  'A file is applied at most once per target, whatever is killed when',
  'A 202 always ends in a final state or in `needs_attention`, though Redis be emptied, and API, worker and servers be killed',
  'Ledger and history agree within seconds after a fault',
  'At most one executor per target at any instant',
  'A worker that was given up on can no longer change a row',
  'A transactional step is in whole or not at all, order is kept, nothing runs after the first failure',
  'An interrupted non-transactional step is never silently run again nor called done',
  'One Idempotency-Key, one deployment; another body under the same key is refused',
  'A waiting DDL never holds up the users of a table for longer than `lock_timeout`',
  'After "cancelled" no statement of that deployment runs',
  'Restarting or upgrading the service fails no deployment',
  'With Redis or the control database gone the API answers within 2 s (202, or 503 with Retry-After) and recovers by itself',
  'A secret never shows anywhere',
  'Every change is in the audit log',
  'The wrong database is refused before the first statement',
  'A rollout comes out right to the last target and keeps within its limits, whatever is broken meanwhile',
].map((text, index) => ({ number: index + 1, text }));
