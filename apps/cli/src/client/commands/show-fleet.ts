import { outcomeOf } from '../../outcome.ts';
import type { Paint } from '../../output/paint.ts';
import type { ClientCommand, ClientContext } from '../client-context.ts';
import type { ClientInvocation } from '../command-line/client-invocation.ts';
import { relativeTime } from '../output/relative-time.ts';
import { type Cell, tableLines } from '../output/table.ts';
import { pushBundle } from '../service/push-bundle.ts';
import { expectRecord, type Fields, numberIn, recordIn, recordsIn, textIn, textsIn } from '../views/fields.ts';

type Request = Extract<ClientInvocation, { command: 'fleet' }>;

/** Shows where every target stands: the states, what differs from the rest, and each target. Exit code 0, whatever it says. */
export const runShowFleet: ClientCommand<Request> = async ({ labels, bundle: folder, state }, context) => {
  const bundle = folder === null ? null : await pushBundle(context.service, folder, null);
  const label = labels.map((text) => text.replace('=', ':'));
  const { body } = await context.service.ask({ method: 'GET', path: '/v1/fleet', query: { bundle, label, state } });
  const fleet = expectRecord(body, 'the fleet');
  const targets = recordsIn(fleet, 'targets');
  const { targets: _, ...groups } = fleet;
  return {
    ...outcomeOf({ status: 'succeeded' }, { ...groups }, (paint) => describe(fleet, context, paint)),
    items: targets.map((target) => ({ ...target, type: 'fleet_target' })),
  };
};

function describe(fleet: Fields, context: ClientContext, paint: Paint): string[] {
  const states = Object.entries(recordIn(fleet, 'states') ?? {}).filter(([, count]) => count !== 0);
  const targets = recordsIn(fleet, 'targets');
  const titles = [
    { title: 'TARGET', least: 8 },
    { title: 'STATE' },
    { title: 'AT', least: 12 },
    { title: 'PENDING', rank: 4 },
    { title: 'LIKE', rank: 1 },
    { title: 'SEEN', rank: 3 },
    { title: 'DIFFERS', least: 12, rank: 2 },
  ];
  return [
    paint.bold(
      `${numberIn(fleet, 'count') ?? 0} targets: ${states.map(([state, count]) => `${String(count)} ${state.replaceAll('_', ' ')}`).join(', ')}`,
    ),
    ...oddLines(fleet, paint),
    '',
    ...tableLines(
      titles,
      targets.map((target) => rowOf(target, context.now(), paint)),
      context.columns,
      paint,
    ),
  ];
}

/** Who has other files applied than most. */
function oddLines(fleet: Fields, paint: Paint): string[] {
  const [most, ...odd] = recordsIn(fleet, 'byFingerprint');
  if (most === undefined || odd.length === 0) return [];
  return odd.slice(0, 10).map((group) => {
    const last =
      textIn(group, 'lastFile') ?? (textIn(group, 'fingerprint') === null ? 'never seen' : 'nothing applied');
    const named = textsIn(group, 'targets').slice(0, 5).join(', ');
    return paint.yellow(paint.line(`  ${numberIn(group, 'count') ?? 0} differ from most (${last}): ${named}`));
  });
}

const COLORS: Readonly<Record<string, 'green' | 'red' | 'yellow' | 'dim'>> = {
  current: 'green',
  failed: 'red',
  changed: 'red',
  behind: 'yellow',
  moving: 'yellow',
  never_seen: 'dim',
};

function rowOf(target: Fields, now: number, paint: Paint): Cell[] {
  const state = textIn(target, 'state') ?? '?';
  const color = COLORS[state];
  const pending = numberIn(target, 'pending');
  const differs = [
    ...textsIn(target, 'changed').map((file) => `changed: ${file}`),
    ...textsIn(target, 'missing').map((file) => `not in the bundle: ${file}`),
  ];
  return [
    { text: textIn(target, 'target') ?? '?' },
    { text: state.replaceAll('_', ' '), ...(color === undefined ? {} : { paint: paint[color] }) },
    { text: (textIn(target, 'lastFile') ?? '-').replace('deployment/', '') },
    { text: pending === null ? '' : String(pending) },
    { text: (textIn(target, 'fingerprint') ?? '').slice(0, 6) },
    { text: relativeTime(textIn(target, 'lastContact'), now) },
    { text: differs.join('; ') },
  ];
}
