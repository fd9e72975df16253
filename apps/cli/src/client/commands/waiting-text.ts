import { relativeTime } from '../output/relative-time.ts';
import { type Fields, numberIn, recordIn, textIn } from '../views/fields.ts';

/** Why a deployment does not move, or why it failed; empty when there is nothing to say. */
export function reasonText(deployment: Fields, now: number): string {
  const waiting = recordIn(deployment, 'waitingFor');
  if (waiting !== null) return waitingText(waiting, now);
  const failure = recordIn(deployment, 'failure');
  if (failure === null) return '';
  const file = textIn(failure, 'file');
  return `${file === null ? '' : `${file}: `}${textIn(failure, 'message') ?? textIn(failure, 'code') ?? ''}`;
}

/** What a deployment waits for. */
export function waitingText(waiting: Fields, now: number): string {
  switch (textIn(waiting, 'kind')) {
    case 'time': {
      const reason = textIn(waiting, 'reason');
      return `begins ${relativeTime(textIn(waiting, 'until'), now)}${reason === null ? '' : `: ${reason}`}`;
    }
    case 'predecessor':
      return `behind ${textIn(waiting, 'deploymentId') ?? '?'}, which is ${textIn(waiting, 'status') ?? '?'}`;
    case 'lock':
      return `another run holds the target: ${textIn(waiting, 'holder') ?? '?'}`;
    case 'worker':
      return 'waiting for a worker';
    case 'window':
      return `the window opens ${relativeTime(textIn(waiting, 'until'), now)}: ${textIn(waiting, 'reason') ?? ''}`;
    case 'promotion':
      return `wave ${numberIn(waiting, 'wave') ?? '?'} waits for somebody to promote it`;
    case 'targets':
      return `${numberIn(waiting, 'started') ?? '?'} under way: ${textIn(waiting, 'reason') ?? ''}`;
    case 'resume':
      return `for a resume: ${textIn(waiting, 'reason') ?? ''}`;
    case 'freeze':
      return `frozen by ${textIn(waiting, 'by') ?? '?'}: ${textIn(waiting, 'reason') ?? ''}`;
    case 'approval': {
      const voided = textIn(waiting, 'voided');
      const reason = textIn(waiting, 'reason') ?? '';
      return `for an approval: ${reason}${voided === null ? '' : ` The earlier one is void: ${voided}`}`;
    }
    case 'wave_approval': {
      const wave = numberIn(waiting, 'wave');
      const count = numberIn(waiting, 'count') ?? '?';
      const what = wave === null ? 'for approvals' : `for an approval before wave ${wave}`;
      return `${what} (${count} protected): ${textIn(waiting, 'reason') ?? ''}`;
    }
    case 'wave':
      return `for the end of wave ${numberIn(waiting, 'wave') ?? '?'}`;
    case 'room':
      return textIn(waiting, 'reason') ?? 'for room';
    default:
      return textIn(waiting, 'reason') ?? 'waiting';
  }
}
