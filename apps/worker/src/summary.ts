import type { Summary } from '@postgres-manager/control-plane';
import type { Report } from '@postgres-manager/sql-deploy';

/**
 * What a deployment came to, added up over its attempts.
 * @param appliedEarlier files that earlier attempts applied, in order
 */
export function summaryOf(report: Report, appliedEarlier: readonly string[]): Summary {
  const applied = [...new Set([...appliedEarlier, ...report.applied])];
  return {
    // The last attempt had nothing left to do, but an earlier one did it.
    result: report.status === 'nothing_to_do' && applied.length > 0 && !report.dryRun ? 'succeeded' : report.status,
    applied,
    skipped: Math.max(0, report.skipped - appliedEarlier.length),
    baselined: report.baselined,
    adopted: report.adopted,
    notStarted: report.notStarted,
    failures: report.failures,
  };
}
