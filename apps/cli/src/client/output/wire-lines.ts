import { describeProblems } from '../../output/describe-failure.ts';
import { count, formatDuration } from '../../output/duration.ts';
import { eventLine } from '../../output/event-lines.ts';
import type { Paint } from '../../output/paint.ts';
import type { WireEvent } from '../service/read-stream.ts';
import { numberIn, readProblems, recordIn, textIn, textsIn } from '../views/fields.ts';
import { runEventOf } from '../views/run-event.ts';

/** The line that tells of a service's event, or null when it does not matter to a reader. */
export function wireLine(event: WireEvent, paint: Paint): string | null {
  const run = runEventOf(event);
  return run === null ? serviceLine(event, paint) : (eventLine(run, paint) ?? connectingLine(event, paint));
}

function connectingLine({ type, data }: WireEvent, paint: Paint): string | null {
  const reason = textIn(data, 'reason');
  if (type !== 'connecting' || reason === null) return null;
  return paint.yellow(
    `not connected yet: ${paint.line(reason).replace(/\.$/, '')}; again in ${formatDuration(numberIn(data, 'waitMs') ?? 0)}`,
  );
}

function serviceLine(event: WireEvent, paint: Paint): string | null {
  const { type, data } = event;
  const text = (name: string): string => paint.line(textIn(data, name) ?? '?');
  const number = (name: string): number => numberIn(data, name) ?? 0;
  switch (type) {
    case 'scheduled':
      return paint.dim('scheduled: it begins at the time that was asked for');
    case 'awaiting_approval':
      return paint.yellow(
        `waits for an approval: ${paint.line(textIn(recordIn(data, 'waitingFor') ?? {}, 'reason') ?? '?')}`,
      );
    case 'approved':
      return paint.dim(`${text('by')} approved ${count(number('files'), 'file')}`);
    case 'approval_voided':
      return paint.yellow(voidedText(event, paint));
    case 'queued':
      return paint.dim('queued');
    case 'started':
      return number('attempt') > 1 ? paint.dim(`attempt ${number('attempt')}, worker ${text('worker')}`) : null;
    case 'waiting':
      return paint.yellow(`waiting for another run: ${text('holder')}`);
    case 'evicted':
      return paint.yellow(`ended a run that was given up on and still held the target: ${text('holder')}`);
    case 'retry':
      return paint.yellow(retryText(event, paint));
    case 'worker_lost':
      return paint.yellow('nothing is heard of the worker any more: another one goes on');
    case 'handed_back':
      return paint.yellow('the worker stops: another one goes on');
    case 'cancel_requested':
      return paint.yellow(`${text('by')} asked to cancel it: waiting for the target's server to let go`);
    case 'settling':
      return paint.yellow(
        `asking the target what became of it; again in ${formatDuration(number('waitMs'))}: ${text('reason')}`,
      );
    case 'invalid':
      return describeProblems(readProblems(data['problems']), paint).join('\n');
    case 'notices_dropped':
      return paint.dim(`further notices are not kept: more than ${count(number('kept'), 'notice')} came`);
    case 'events_dropped':
      return paint.dim(`${count(number('count'), 'event')} could not be kept`);
    default:
      return null;
  }
}

function voidedText({ data }: WireEvent, paint: Paint): string {
  const list = (name: string): string => paint.line(textsIn(data, name).join(', '));
  const more = list('notApproved');
  const fewer = list('notPlanned');
  const address = recordIn(data, 'address');
  return [
    'not what was approved, so nothing was run, and it waits for another approval',
    ...(more === '' ? [] : [`  lacking there, and not approved: ${more}`]),
    ...(address === null
      ? []
      : [
          `  approved for ${paint.line(textIn(address, 'approved') ?? '?')}, and the target is ${paint.line(textIn(address, 'now') ?? '?')} now`,
        ]),
    ...(fewer === '' ? [] : [`  approved, and not lacking there: ${fewer}`]),
  ].join('\n');
}

function retryText({ data }: WireEvent, paint: Paint): string {
  const failure = recordIn(data, 'failure');
  const why = paint.line((failure === null ? null : textIn(failure, 'message')) ?? 'it may pass');
  const tries = numberIn(data, 'tries');
  const most = numberIn(data, 'maxTries');
  const nth = tries === null || most === null ? '' : ` (try ${tries} of ${most})`;
  return `this attempt failed${nth}; again in ${formatDuration(numberIn(data, 'waitMs') ?? 0)}: ${why}`;
}
