import type { Item } from '../api/client.ts';
import { durationText } from '../ui/time-text.ts';
import { brief } from './rollout.ts';
import { waitingText, type WaitingFor } from './waiting-text.ts';

/** Something that happened with a rollout. */
export type RolloutEvent = Item<'listRolloutEvents'>;

/** An event for people: how it looks, and what it says. */
export interface EventText {
  /** As for statusLook; null: no shape. */
  readonly look: string | null;
  readonly text: string;
  /** The deployment that it leads to. */
  readonly deployment: string | null;
}

/** What is known of an event's data: each type has some of it. */
interface Data {
  readonly by?: string;
  readonly reason?: string | null;
  readonly wave?: number;
  readonly target?: string;
  readonly total?: number;
  readonly status?: string;
  readonly deployment?: string;
  readonly bundle?: string | null;
  readonly retried?: number;
  readonly neverStarted?: number;
  readonly failed?: number;
  readonly needsAttention?: number;
  readonly waves?: readonly number[];
  readonly waitingFor?: WaitingFor | null;
  readonly failure?: {
    readonly sqlstate: string | null;
    readonly file: string | null;
    readonly line: number | null;
    readonly message: string;
  } | null;
}

export function eventText({ type, data: told }: Pick<RolloutEvent, 'type' | 'data'>): EventText {
  const data: Data = told;
  const { by = 'somebody', wave = '', target = '', reason } = data;
  const why = typeof reason === 'string' && reason !== '' ? `: ${reason}` : '.';
  const says = (look: string | null, text: string): EventText => ({ look, text, deployment: data.deployment ?? null });
  switch (type) {
    case 'created':
      return says(null, `Made by ${by}.`);
    case 'started':
      return says('running', 'It goes on.');
    case 'wave_started':
      return says('started', `Wave ${wave} began: ${data.total} in it.`);
    case 'wave_finished':
      return says((data.failed ?? 0) + (data.needsAttention ?? 0) > 0 ? 'failed' : 'succeeded', `Wave ${wave} ended.`);
    case 'target_started':
      return says('started', `${target} was started.`);
    case 'target_finished':
      return says(data.status ?? null, `${target} ${endText(data)}`);
    case 'target_skipped':
      return says('skipped', `${target} was left out by ${by}${why}`);
    case 'waiting':
      return says('scheduled', data.waitingFor ? waitingText(data.waitingFor) : 'It waits no more.');
    case 'pause_requested':
      return says('pausing', `${by} paused it${why}`);
    case 'cancel_requested':
      return says('cancelling', `${by} cancelled it${why}`);
    case 'resumed':
      return says('running', `${by} resumed it${resumedText(data)}`);
    case 'promoted':
      return says('running', `${by} promoted wave ${wave}.`);
    case 'awaiting_approval':
      return says(type, data.waitingFor ? waitingText(data.waitingFor) : 'It waits for an approval.');
    case 'approved':
      return says('running', `${by} approved wave ${wave}.`);
    case 'rejected':
      return says('cancelling', `${by} rejected wave ${wave}${why}`);
    case 'target_awaiting_approval':
      return says('awaiting_approval', `${target} waits for an approval of its own.`);
    case 'target_approved':
      return says('running', `${target} was approved.`);
    case 'finished':
      return says(data.status ?? null, `It came to its end: ${data.status ?? ''}.`);
    default:
      return says(type, `${type.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase())}${why}`);
  }
}

function endText({ status = '', failure }: Data): string {
  if (failure === null || failure === undefined) return `${status.replaceAll('_', ' ')}.`;
  const { file, line, sqlstate, message } = failure;
  const place = file === null ? '' : ` ${file}${line === null ? '' : `:${line}`}`;
  return `${status.replaceAll('_', ' ')}:${place} ${sqlstate === null ? '' : `${sqlstate} `}${message}`;
}

function resumedText({ retried = 0, bundle }: Data): string {
  const parts = [
    bundle === null || bundle === undefined ? '' : `with bundle ${brief(bundle)}`,
    retried > 0 ? `${retried} come again` : '',
  ].filter(Boolean);
  return parts.length === 0 ? '.' : `: ${parts.join(', ')}.`;
}

/** How long a target took; empty while it goes on. */
export function tookText(startedAt: string | null, finishedAt: string | null): string {
  return startedAt === null || finishedAt === null ? '' : durationText(Date.parse(finishedAt) - Date.parse(startedAt));
}
