import type { Report } from '@postgres-manager/sql-deploy';
import { count, formatDuration } from './duration.ts';
import type { Paint } from './paint.ts';

/** What a person reads when a run did what it should: one line, and for a dry run the plan. */
export function describeSuccess(report: Report, paint: Paint): string[] {
  const time = formatDuration(report.durationMs);
  if (report.dryRun) {
    const files = report.planned.map((step) =>
      step.transactional ? step.path : `${step.path} (not in a transaction)`,
    );
    return [
      paint.green(
        `dry run, nothing was changed: ${count(files.length, 'file')} would be applied, ${report.skipped} applied before`,
      ),
      ...files.map((file) => `  ${paint.line(file)}`),
    ];
  }
  const baselined = report.baselined === 0 ? '' : `, ${report.baselined} baselined`;
  if (report.status === 'nothing_to_do') {
    return [paint.green(`nothing to do: ${report.skipped} applied before${baselined} (${time})`)];
  }
  return [
    paint.green(
      `succeeded: ${report.applied.length} applied, ${report.skipped} applied before${baselined}, in ${time}`,
    ),
  ];
}
