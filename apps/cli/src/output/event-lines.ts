import { count, formatDuration } from './duration.ts';
import type { Paint } from './paint.ts';
import type { ProgressEvent } from './reporter.ts';

/** The line that tells of an event, or null when it does not matter to a reader. */
export function eventLine(event: ProgressEvent, paint: Paint): string | null {
  switch (event.type) {
    case 'connected':
      return paint.dim(
        paint.line(`connected to ${event.database} as ${event.user}, PostgreSQL ${event.serverVersion}`),
      );
    case 'adopted':
      return event.count === 0
        ? null
        : `took over ${count(event.count, 'row')} of tbl_deployments: these files do not run again`;
    case 'resolved':
      return `${paint.line(event.path)} is settled: ${event.outcome === 'applied' ? 'entered as applied' : 'it runs again from its start'}`;
    case 'planned':
      return event.total === 0
        ? null
        : paint.dim(`${count(event.total, 'file')} to apply, ${event.skipped} applied before`);
    case 'step_finished':
      return (
        `${paint.green('applied')}  ${paint.line(event.path)}  ` +
        paint.dim(`${event.index} of ${event.total}, ${formatDuration(event.durationMs)}`)
      );
    case 'step_failed':
      return `${paint.red('failed')}   ${paint.line(event.path)}  ${paint.dim(`${event.index} of ${event.total}`)}`;
    case 'step_retry':
      return paint.yellow(
        `retry    ${paint.line(event.path)}  ${event.sqlstate}, again in ${formatDuration(event.waitMs)} (attempt ${event.attempt})` +
          (event.blocker === null ? '' : `; held up by ${paint.line(event.blocker)}`),
      );
    case 'notice':
      return paint.dim(`${paint.line(event.severity.toLowerCase())}   ${paint.block(event.message)}`);
    case 'baselined':
      return `entered ${count(event.count, 'deployment file')} as baseline, without running them: create holds their changes`;
    case 'service':
      return event.line(paint);
    case 'signal':
      return signalLine(event, paint);
    // Told by a line of its own when it lasts, or by the signal that caused it.
    case 'connecting':
    case 'waiting_for_lock':
    case 'step_started':
    case 'step_progress':
    case 'cancelling':
      return null;
  }
}

function signalLine(event: Extract<ProgressEvent, { type: 'signal' }>, paint: Paint): string {
  if (event.nth === 1) return paint.yellow('cancelling: waiting for the server to let go');
  const running = event.running.length === 0 ? '' : `, under way ${event.running.map(paint.line).join(', ')}`;
  return paint.yellow(
    `still waiting for the server, 5 s more at most; known so far: ${event.applied.length} applied${running}`,
  );
}
