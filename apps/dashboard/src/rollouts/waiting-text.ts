import { counted } from '../ui/time-text.ts';

/** What a rollout or a target of one waits for, as far as it is told; a kind that is not known yet has its reason. */
export interface WaitingFor {
  readonly kind: string;
  readonly until?: string;
  readonly reason?: string | null;
  readonly wave?: number | null;
  readonly started?: number;
  readonly count?: number;
  readonly by?: string | null;
  readonly deploymentId?: string;
  readonly status?: string;
  readonly holder?: string;
}

/** For people: what is waited for, in a sentence, without the time, which stands beside it (`until`). */
export function waitingText(waitingFor: WaitingFor): string {
  const { kind, reason, wave, by, started = 0, count = 0 } = waitingFor;
  switch (kind) {
    case 'time':
    case 'window':
      return reason ?? 'Waits for its time.';
    case 'promotion':
      return `Waits for somebody to promote wave ${wave ?? ''}.`;
    case 'wave':
      return `Waits for wave ${wave ?? ''} to end.`;
    case 'room':
      return `Waits for room: ${reason ?? ''}`;
    case 'targets':
      return `${reason ?? ''} ${counted(started, 'target is', 'targets are')} under way.`;
    case 'resume':
      return `Waits to be resumed: ${lowerFirst(reason ?? '')}`;
    case 'freeze':
      return `Frozen by ${by ?? 'somebody'}: ${reason ?? ''}`;
    case 'predecessor':
      return `Waits for a deployment before it in its target’s line (${waitingFor.status ?? ''}).`;
    case 'lock':
      return `Its target is in use by ${waitingFor.holder ?? 'another'}.`;
    case 'worker':
      return 'Waits for a worker.';
    case 'approval':
      return `Waits for an approval${why(reason)}`;
    case 'wave_approval':
      return typeof wave === 'number'
        ? `Waits for an approval of wave ${wave}${why(reason)}`
        : `${counted(count, 'deployment waits', 'deployments wait')}, each for its own approval${why(reason)}`;
    default:
      return isSaid(reason) ? reason : `Waits: ${kind.replaceAll('_', ' ')}.`;
  }
}

/** The same in a few words, for a list: what follows on `Waits for`. */
export function waitingBrief(waitingFor: WaitingFor): string {
  const { kind, wave, started = 0, count = 0 } = waitingFor;
  switch (kind) {
    case 'time':
      return 'its time';
    case 'window':
      return 'its window';
    case 'promotion':
      return `promotion of wave ${wave ?? ''}`;
    case 'targets':
      return `${counted(started, 'target')} under way`;
    case 'resume':
      return 'somebody to resume it';
    case 'freeze':
      return 'a freeze to be lifted';
    case 'wave_approval':
      return typeof wave === 'number' ? `approval of wave ${wave}` : counted(count, 'approval');
    default:
      return waitingText(waitingFor);
  }
}

function isSaid(reason: string | null | undefined): reason is string {
  return reason !== null && reason !== undefined && reason !== '';
}

function why(reason: string | null | undefined): string {
  return isSaid(reason) ? `: ${lowerFirst(reason)}` : '.';
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
