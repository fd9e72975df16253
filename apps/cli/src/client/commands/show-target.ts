import { outcomeOf } from '../../outcome.ts';
import { labelled, pathList } from '../../output/lists.ts';
import type { Paint } from '../../output/paint.ts';
import type { ClientCommand, ClientContext } from '../client-context.ts';
import { relativeTime } from '../output/relative-time.ts';
import { pushBundle } from '../service/push-bundle.ts';
import {
  expectRecord,
  expectText,
  type Fields,
  labelsText,
  recordIn,
  recordsIn,
  textIn,
  textsIn,
} from '../views/fields.ts';
import { databaseText } from './list-targets.ts';

const LAST_APPLIED = 10;
const MOST_LISTED = 50;
const CREATE_WORDS: Readonly<Record<string, string>> = {
  not_started: 'not started',
  started: 'started, not complete',
  complete: 'complete',
};

/** Shows where a target stands; with a bundle, what it lacks of that. */
export const runShowTarget: ClientCommand<{ readonly name: string; readonly bundle: string | null }> = async (
  { name, bundle },
  context,
) => {
  const digest = bundle === null ? null : await pushBundle(context.service, bundle, null);
  const path = `/v1/targets/${encodeURIComponent(name)}`;
  const { body } = await context.service.ask({ method: 'GET', path, query: { bundle: digest } });
  const target = expectRecord(body, 'the target');
  expectText(target, 'name');
  const comparison = recordIn(target, 'comparison');
  const applied = recordsIn(target, 'files').flatMap((file) => textIn(file, 'path') ?? []);
  const extra = {
    target: name,
    ...(comparison === null
      ? {}
      : {
          pending: textsIn(comparison, 'pending'),
          changed: textsIn(comparison, 'changed'),
          missing: textsIn(comparison, 'missing'),
        }),
  };
  return {
    ...outcomeOf({ status: 'succeeded', applied }, extra, (paint) => describe(target, comparison, context, paint)),
    items: [{ ...target, type: 'target' }],
  };
};

function describe(target: Fields, comparison: Fields | null, context: ClientContext, paint: Paint): string[] {
  const now = context.now();
  const ledger = recordIn(target, 'ledger');
  const last = recordIn(target, 'lastDeployment');
  const labels = labelsText(target);
  const lastText =
    last === null
      ? 'none yet'
      : `${textIn(last, 'status') ?? '?'} ${relativeTime(textIn(last, 'createdAt'), now)}  ${textIn(last, 'id') ?? ''}`;
  return [
    paint.bold(paint.line(textIn(target, 'name') ?? '?')),
    labelled('database', paint.line(databaseText(target))),
    ...(labels === '' ? [] : [labelled('labels', paint.line(labels))]),
    ...recordsIn(target, 'protections').map((protection) =>
      labelled('protected', paint.line(`${textIn(protection, 'reason') ?? ''} (${textIn(protection, 'by') ?? '?'})`)),
    ),
    labelled('last', paint.line(lastText)),
    ...(ledger === null
      ? [labelled('ledger', 'not seen yet: no worker has been there')]
      : ledgerLines(target, ledger, now, paint)),
    ...(comparison === null ? [] : comparisonLines(comparison, paint)),
  ];
}

function ledgerLines(target: Fields, ledger: Fields, now: number, paint: Paint): string[] {
  const files = [...recordsIn(target, 'files')].sort((a, b) =>
    (textIn(a, 'appliedAt') ?? '') < (textIn(b, 'appliedAt') ?? '') ? -1 : 1,
  );
  const latest = files.slice(-LAST_APPLIED).map((file) => {
    const origin = textIn(file, 'origin');
    const how = origin === null || origin === 'run' ? '' : ` (${origin})`;
    const who = textIn(file, 'appliedBy');
    return `${textIn(file, 'path') ?? '?'}  ${relativeTime(textIn(file, 'appliedAt'), now)}${who === null ? '' : ` by ${who}`}${how}`;
  });
  return [
    labelled(
      'seen',
      paint.line(
        `${relativeTime(textIn(ledger, 'readAt'), now)}, PostgreSQL ${textIn(ledger, 'serverVersion') ?? '?'}`,
      ),
    ),
    labelled('create', CREATE_WORDS[textIn(ledger, 'create') ?? ''] ?? '?'),
    labelled('applied', `${files.length}${files.length > latest.length ? `, the last ${LAST_APPLIED} of them:` : ''}`),
    ...pathList('', latest, LAST_APPLIED, paint),
  ];
}

function comparisonLines(comparison: Fields, paint: Paint): string[] {
  return (['pending', 'changed', 'missing'] as const).flatMap((state) => {
    const paths = textsIn(comparison, state);
    if (paths.length === 0) return [labelled(state, '0')];
    const color = state === 'pending' ? paint.yellow : paint.red;
    return [color(labelled(state, String(paths.length))), ...pathList('', paths, MOST_LISTED, paint)];
  });
}
