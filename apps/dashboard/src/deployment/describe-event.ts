import type { Tone } from '../ui/status.ts';
import { statusLook } from '../ui/status.ts';
import { counted, durationText } from '../ui/time-text.ts';
import type { DeploymentEvent } from './deployment.ts';

/** An event for people. */
export interface EventText {
  readonly tone: Tone;
  readonly text: string;
}

type Data = Readonly<Record<string, unknown>>;
type Describe = (data: Data) => EventText;

const said = (tone: Tone, text: string): EventText => ({ tone, text });

/** Each type that the service writes (apps/worker/src/event-types.ts, and the transitions of the control plane). */
const DESCRIPTIONS: Readonly<Record<string, Describe>> = {
  queued: (data) =>
    said(
      'idle',
      typeof data['settles'] === 'string'
        ? `Queued by ${text(data, 'by')}, who says that ${text(data, 'file')} is ${text(data, 'outcome')}`
        : `Queued${by(data)}`,
    ),
  scheduled: (data) => said('idle', `Scheduled${by(data)}`),
  awaiting_approval: () => said('wait', 'Waits for an approval'),
  approved: (data) => said('ok', `Approved${by(data)}: ${counted(number(data, 'files'), 'file')}`),
  approval_voided: () => said('wait', 'The plan is another than the approved one: nothing was run, and it waits again'),
  started: (data) =>
    said('run', `Attempt ${number(data, 'attempt')} begins in worker ${text(data, 'worker').slice(0, 8)}`),
  connecting: (data) =>
    said(
      'wait',
      `The server is not ready${reason(data)}; asked again in ${ms(data, 'waitMs')} (time ${number(data, 'attempt')})`,
    ),
  connected: (data) =>
    said(
      'idle',
      `Connected to ${text(data, 'database')} as ${text(data, 'user')}: PostgreSQL ${text(data, 'serverVersion')}, backend ${number(data, 'backendPid')}`,
    ),
  waiting: (data) => said('wait', `The target’s lock is another’s: ${text(data, 'holder')}`),
  evicted: (data) => said('wait', `A run that was given up on had the lock, and was ended: ${text(data, 'holder')}`),
  planned: (data) =>
    said(
      'idle',
      [
        `Planned: ${counted(number(data, 'total'), 'file')} to run`,
        number(data, 'skipped') > 0 ? `${number(data, 'skipped').toLocaleString('en')} applied already` : '',
        number(data, 'appliedEarlier') > 0
          ? `${counted(number(data, 'appliedEarlier'), 'file')} from earlier attempts`
          : '',
      ]
        .filter(Boolean)
        .join(', ')
        .concat(data['dryRun'] === true ? '; a dry run changes nothing' : ''),
    ),
  resolved: (data) =>
    said('ok', `The answer about ${text(data, 'path')} is in the ledger: ${text(data, 'outcome').replace('_', ' ')}`),
  adopted: (data) =>
    said('idle', `${counted(number(data, 'count'), 'row')} of an older script’s table taken over into the ledger`),
  step_started: (data) => said('run', `${text(data, 'path')} begins${place(data)}`),
  step_progress: (data) =>
    said('run', `${text(data, 'path')}: statement ${number(data, 'statement')} of ${number(data, 'statements')}`),
  step_finished: (data) => said('ok', `${text(data, 'path')} applied in ${ms(data, 'durationMs')}${place(data)}`),
  step_failed: (data) => said('bad', `${text(data, 'path')} failed: ${failure(data)}`),
  step_retry: (data) =>
    said(
      'wait',
      `${text(data, 'path')} met a lock or a deadlock (${text(data, 'sqlstate')})${
        typeof data['blocker'] === 'string' ? `, held by ${data['blocker']}` : ''
      }; it was rolled back and runs again in ${ms(data, 'waitMs')}`,
    ),
  notice: (data) =>
    said(
      /^warn/i.test(text(data, 'severity')) ? 'wait' : 'idle',
      `${text(data, 'severity')}: ${text(data, 'message')}`,
    ),
  notices_dropped: (data) => said('wait', `More notices came; the first ${number(data, 'kept')} are kept`),
  baselined: (data) =>
    said(
      'idle',
      `${counted(number(data, 'count'), 'file')} of deployment/ entered as applied: the new instance holds them already`,
    ),
  cancel_requested: (data) => said('wait', `Cancel asked for${by(data)}`),
  cancelling: () => said('wait', 'The statement that runs is being cancelled on the server'),
  settling: (data) =>
    said('wait', `The target is asked what became of the run (time ${number(data, 'try')})${reason(data)}`),
  invalid: (data) => said('bad', `The files have ${counted(number(data, 'total'), 'problem')}; nothing was run`),
  retry: (data) =>
    said(
      'wait',
      `The attempt failed for a reason that may pass: ${failure(data)}; the next begins in ${ms(data, 'waitMs')} (${number(data, 'tries')} of ${number(data, 'maxTries')})`,
    ),
  handed_back: (data) =>
    said(
      'wait',
      data['reason'] === 'worker_stopping'
        ? 'The worker stops; another one goes on'
        : 'The worker could not reach the control database; another one goes on',
    ),
  worker_lost: (data) =>
    said('bad', `Worker ${text(data, 'worker').slice(0, 8)} was lost; another one goes on from what the ledger says`),
  events_dropped: (data) =>
    said('wait', `${counted(number(data, 'count'), 'event')} could not be kept: the control database was away`),
  finished: (data) => {
    const { tone, label } = statusLook(text(data, 'status'));
    const why = failure(data);
    return said(tone, `Ended: ${label}${by(data)}${why === '' ? '' : `: ${why}`}`);
  },
};

/** What an event says; one that this page does not know yet is told by its name and what it has. */
export function describeEvent({ type, data }: Pick<DeploymentEvent, 'type' | 'data'>): EventText {
  const describe = DESCRIPTIONS[type];
  if (describe !== undefined) return describe(data);
  const rest = Object.keys(data).length === 0 ? '' : `: ${JSON.stringify(data)}`;
  return said('idle', `${type.replaceAll('_', ' ')}${rest}`);
}

function text(data: Data, name: string): string {
  const value = data[name];
  return typeof value === 'string' ? value : '';
}

function number(data: Data, name: string): number {
  const value = data[name];
  return typeof value === 'number' ? value : 0;
}

function ms(data: Data, name: string): string {
  return durationText(number(data, name));
}

function by(data: Data): string {
  return text(data, 'by') === '' ? '' : ` by ${text(data, 'by')}`;
}

function reason(data: Data): string {
  return text(data, 'reason') === '' ? '' : `: ${text(data, 'reason')}`;
}

function place(data: Data): string {
  return number(data, 'total') === 0 ? '' : ` (${number(data, 'index')} of ${number(data, 'total')})`;
}

function failure(data: Data): string {
  const value = data['failure'];
  const message = typeof value === 'object' && value !== null ? (value as Data)['message'] : undefined;
  return typeof message === 'string' ? message : '';
}
