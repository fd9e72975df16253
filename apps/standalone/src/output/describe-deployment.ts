import type { DeploymentDetail, Step } from '@postgres-manager/control-plane';
import type { Console } from './console.ts';

/** One line for a file that was run. */
export function describeStep(step: Step, console: Console): string {
  if (step.status === 'failed') return `  ${console.red('✗')} ${step.path}`;
  const took = step.durationMs === null ? '' : console.dim(`${step.durationMs.toFixed(1)} ms`);
  return `  ${console.green('✓')} ${step.path}  ${took}`.trimEnd();
}

/** What a deployment came to, and for one that did not succeed, why and what to do. */
export function describeEnd(detail: DeploymentDetail, console: Console): string {
  const { status, summary, failure } = detail;
  if (status === 'succeeded') {
    const applied = summary?.applied.length ?? 0;
    const baselined = summary?.baselined ?? 0;
    const parts = [
      applied === 0 ? 'nothing to do' : `${applied} ${applied === 1 ? 'file' : 'files'} applied`,
      ...(applied === 0 && (summary?.skipped ?? 0) > 0 ? [`all ${summary?.skipped} files are in the ledger`] : []),
      ...(baselined === 0 ? [] : [`${baselined} of deployment/ entered as baseline`]),
      ...(applied === 0 ? [] : [duration(detail)]),
    ];
    return `  ${console.green('succeeded')}: ${parts.filter((part) => part !== '').join(', ')}\n`;
  }
  const place = [failure?.file, failure?.line, failure?.column].filter((part) => part !== null && part !== undefined);
  const said = [
    `${console.red(status)}${failure === null ? '' : `: ${failure.message}`}`,
    ...(place.length === 0 ? [] : [`at ${place.join(':')}`]),
    ...(failure?.sourceLine == null ? [] : [`  ${failure.sourceLine.trim()}`]),
    ...(failure === null ? [] : [failure.hint]),
  ];
  return `${said
    .flatMap((text) => text.split('\n'))
    .map((line) => `  ${line}`)
    .join('\n')}\n`;
}

function duration({ startedAt, finishedAt }: DeploymentDetail): string {
  if (startedAt === null || finishedAt === null) return '';
  const ms = Date.parse(finishedAt) - Date.parse(startedAt);
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}
