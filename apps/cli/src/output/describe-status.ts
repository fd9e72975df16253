import type { FileState, TargetStatus } from '@postgres-manager/sql-deploy';
import { labelled, pathList } from './lists.ts';
import type { Paint } from './paint.ts';

const LAST_APPLIED = 10;
const MAX_LISTED = 50;

const CREATE_WORDS = { not_started: 'not started', started: 'started, not complete', complete: 'complete' } as const;

/** Where a target stands, for people: counts, the latest applied, and everything that is not applied. */
export function describeStatus(status: TargetStatus, paint: Paint): string[] {
  const applied = status.files.filter((file) => file.state === 'applied');
  const latest = applied.slice(-LAST_APPLIED).map((file) => {
    const who = file.appliedBy === null ? '' : ` by ${file.appliedBy}`;
    const how = file.origin === null || file.origin === 'run' ? '' : ` (${file.origin})`;
    return `${file.path}${file.appliedAt === null ? '' : `  ${file.appliedAt}`}${who}${how}`;
  });
  const hidden = applied.length - latest.length;
  return [
    paint.bold(`database ${paint.line(status.database)}, PostgreSQL ${paint.line(status.serverVersion)}`),
    labelled('ledger', status.hasLedger ? 'present' : 'none yet'),
    labelled('create', CREATE_WORDS[status.create]),
    labelled('applied', `${applied.length}${hidden > 0 ? `, the last ${LAST_APPLIED} of them:` : ''}`),
    ...pathList('', latest, LAST_APPLIED, paint),
    ...states(status, 'pending', 'pending', paint),
    ...states(status, 'changed', 'changed', paint),
    ...states(status, 'missing', 'missing', paint),
    ...states(status, 'out_of_order', 'out of order', paint),
    ...states(status, 'unfinished', 'unfinished', paint),
  ];
}

function states(status: TargetStatus, state: FileState, label: string, paint: Paint): string[] {
  const paths = status.files.filter((file) => file.state === state).map((file) => file.path);
  const alwaysShown = state === 'pending' || state === 'changed' || state === 'missing';
  if (paths.length === 0) return alwaysShown ? [labelled(label, '0')] : [];
  const colored = state === 'pending' ? paint.yellow : paint.red;
  return [colored(labelled(label, String(paths.length))), ...pathList('', paths, MAX_LISTED, paint)];
}
