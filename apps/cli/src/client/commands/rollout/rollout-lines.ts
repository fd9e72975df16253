import type { Paint } from '../../../output/paint.ts';
import type { WireEvent } from '../../service/read-stream.ts';
import { numberIn, recordIn, textIn } from '../../views/fields.ts';
import { waitingText } from '../waiting-text.ts';
import { countText } from './describe-rollout.ts';

/** The line that tells of a rollout's event, or null when it does not matter to a reader. */
export function rolloutLine({ type, data }: WireEvent, now: number, paint: Paint): string | null {
  const text = (name: string): string => paint.line(textIn(data, name) ?? '?');
  const by = (): string => text('by');
  switch (type) {
    case 'created':
      return paint.dim(`asked for by ${by()}`);
    case 'wave_started':
      return paint.bold(`wave ${numberIn(data, 'wave') ?? '?'}: ${countText(numberIn(data, 'total') ?? 0, 'target')}`);
    case 'target_finished':
      return targetLine(data, paint);
    case 'target_skipped':
      return paint.dim(`skipped    ${text('target')}  ${text('reason')} (${by()})`);
    case 'wave_finished':
      return paint.dim(
        `wave ${numberIn(data, 'wave') ?? '?'} has ended: ${numberIn(data, 'succeeded') ?? 0} of ${numberIn(data, 'total') ?? 0} succeeded`,
      );
    case 'awaiting_approval':
    case 'waiting':
      return paint.yellow(paint.line(waitingText(recordIn(data, 'waitingFor') ?? {}, now)));
    case 'pause_requested':
      return paint.yellow(`${by()} has it pause`);
    case 'resumed':
      return paint.yellow(resumedText(data, by(), paint));
    case 'promoted':
      return paint.yellow(`${by()} lets wave ${numberIn(data, 'wave') ?? '?'} begin`);
    case 'approved':
      return paint.yellow(
        `${by()} approved wave ${numberIn(data, 'wave') ?? '?'}: ${countText(numberIn(data, 'targets') ?? 0, 'protected target')}`,
      );
    case 'rejected':
      return paint.red(`${by()} rejected wave ${numberIn(data, 'wave') ?? '?'}: ${text('reason')}`);
    case 'approval_voided':
      return paint.yellow(
        `approvals of ${countText(numberIn(data, 'targets') ?? 0, 'target')} are void: ${text('reason')}`,
      );
    case 'target_awaiting_approval':
      return paint.yellow(heldText(data, paint));
    case 'target_approved':
      return paint.dim(`goes on    ${text('target')}  approved`);
    case 'cancel_requested':
      return paint.yellow(`${by()} has it cancelled, with what runs`);
    case 'stopping':
      return paint.red('stopping: more has failed than may; what runs is left to end');
    case 'stopped':
      return paint.red(`stopped: ${text('reason')}`);
    case 'paused':
      return paint.yellow('paused');
    default:
      return null;
  }
}

/** Which command approves it depends on the deployment, not on the rollout. */
function heldText(data: WireEvent['data'], paint: Paint): string {
  const voided = textIn(data, 'voided');
  const why = voided === null ? 'it was protected since' : `not what was approved: ${paint.line(voided)}`;
  const command = `postgres-manager approve ${paint.line(textIn(data, 'deployment') ?? '?')}`;
  return `waits      ${paint.line(textIn(data, 'target') ?? '?')}  for an approval of its own (${command}); ${why}`;
}

function targetLine(data: WireEvent['data'], paint: Paint): string {
  const target = paint.line(textIn(data, 'target') ?? '?');
  const status = textIn(data, 'status') ?? '?';
  if (status === 'succeeded') return `${paint.green('succeeded')}  ${target}`;
  const failure = recordIn(data, 'failure');
  const file = failure === null ? null : textIn(failure, 'file');
  const message = failure === null ? '' : (textIn(failure, 'message') ?? '');
  const why = paint.line(`${file === null ? '' : `${file}: `}${message}`);
  const word = status.replaceAll('_', ' ').padEnd(9);
  return `${(status === 'cancelled' ? paint.yellow : paint.red)(word)}  ${target}  ${why}`.trimEnd();
}

function resumedText(data: WireEvent['data'], by: string, paint: Paint): string {
  const bundle = textIn(data, 'bundle');
  const retried = numberIn(data, 'retried') ?? 0;
  const what = bundle === null ? '' : ` with the bundle ${paint.line(bundle.slice(0, 12))}`;
  return `${by} has it go on${what}${retried === 0 ? '' : `, and ${countText(retried, 'target')} come${retried === 1 ? 's' : ''} again`}`;
}
