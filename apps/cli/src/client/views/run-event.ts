import type { RunEvent } from '@postgres-manager/sql-deploy';
import type { WireEvent } from '../service/read-stream.ts';
import { readFailure } from './deployment-view.ts';
import { numberIn, recordIn, textIn } from './fields.ts';

type Failed = Extract<RunEvent, { type: 'step_failed' }>['failure'];

/**
 * The event of a run that a service's event tells of, so that it looks as it would from a run on a DSN.
 * @returns null for an event of the service's own, and for one that lacks what it needs
 */
export function runEventOf({ type, data }: WireEvent): RunEvent | null {
  const path = textIn(data, 'path');
  const number = (name: string): number => numberIn(data, name) ?? 0;
  const place = { index: number('index'), total: number('total') };
  switch (type) {
    case 'connecting':
      return { type, attempt: number('attempt'), waitMs: number('waitMs'), reason: textIn(data, 'reason') };
    case 'connected':
      return {
        type,
        serverVersion: textIn(data, 'serverVersion') ?? '?',
        database: textIn(data, 'database') ?? '?',
        user: textIn(data, 'user') ?? '?',
        systemIdentifier: textIn(data, 'systemIdentifier'),
        backendPid: number('backendPid'),
      };
    case 'adopted':
    case 'baselined':
      return { type, count: number('count') };
    case 'resolved': {
      const outcome = textIn(data, 'outcome') === 'applied' ? 'applied' : 'not_applied';
      return path === null ? null : { type, path, outcome };
    }
    case 'planned':
      return { type, total: number('total'), skipped: number('skipped'), steps: [], appliedEarlier: [] };
    case 'step_started':
      return path === null ? null : { type, path, ...place };
    case 'step_progress':
      return path === null ? null : { type, path, statement: number('statement'), statements: number('statements') };
    case 'step_finished':
      return path === null ? null : { type, path, ...place, durationMs: number('durationMs') };
    case 'step_failed': {
      const failure = readFailure(recordIn(data, 'failure'));
      return path === null || failure === null ? null : { type, path, ...place, failure: failure as Failed };
    }
    case 'step_retry':
      return path === null
        ? null
        : {
            type,
            path,
            sqlstate: textIn(data, 'sqlstate') ?? '',
            attempt: number('attempt'),
            waitMs: number('waitMs'),
            blocker: textIn(data, 'blocker'),
          };
    case 'notice':
      return { type, path, severity: textIn(data, 'severity') ?? 'notice', message: textIn(data, 'message') ?? '' };
    case 'cancelling':
      return { type };
    default:
      return null;
  }
}
