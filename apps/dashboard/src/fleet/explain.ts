import { counted } from '../ui/time-text.ts';
import type { FleetTarget } from './fleet.ts';

/** Why a target is in its state, and what comes next: for people. */
export interface Explanation {
  readonly why: string;
  readonly next: string;
}

/** @param isCompared whether a bundle was chosen to compare with */
export function explain(target: FleetTarget, isCompared: boolean): Explanation {
  const { changed, missing, pending, lastDeployment } = target;
  switch (target.state) {
    case 'never_seen':
      return {
        why: 'No worker has been there yet, so nothing is known of what is applied.',
        next: 'A dry run looks, and changes nothing.',
      };
    case 'moving':
      return {
        why: `A deployment of it is ${lastDeployment?.status ?? 'under way'}.`,
        next: 'This page tells when it has ended.',
      };
    case 'failed':
      return {
        why:
          lastDeployment?.status === 'needs_attention'
            ? 'Its last deployment stopped at something that only a person can judge.'
            : 'Its last deployment failed. What it had applied before stays applied; the rest was not started.',
        next: 'Its failure names the file and the place, and what to do.',
      };
    case 'changed':
      return {
        why: [
          changed.length > 0 ? `${counted(changed.length, 'file')} applied with other bytes than the bundle’s` : '',
          missing.length > 0 ? `${counted(missing.length, 'applied file')} not in the bundle` : '',
        ]
          .filter(Boolean)
          .join(', ')
          .concat('.'),
        next: 'A deployment of this bundle would be refused there. Applied files are never changed: restore them, and bring the change as a new file.',
      };
    case 'behind':
      return {
        why: `${counted(pending ?? 0, 'file')} of the bundle not applied yet.`,
        next: 'A deployment brings them.',
      };
    case 'current':
      return { why: 'Every file of the bundle’s deployment/ is applied.', next: 'Nothing to do.' };
    case 'seen':
      return {
        why: isCompared ? 'It was seen.' : 'It was seen; against which bundle it is to be held was not said.',
        next: 'Choose a bundle to compare with.',
      };
  }
}
