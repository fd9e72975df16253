import { check, experiment } from '../experiment.ts';
import { storeBundle } from '../harness/counted-files.ts';
import type { Answer } from '../harness/http-client.ts';
import type { Lab } from '../harness/lab.ts';
import type { Service } from '../harness/service.ts';
import { readEnds, Tally, untilFinal } from '../harness/storm.ts';
import { pause, seenWithin } from '../harness/wait.ts';
import type { Random } from '../random.ts';

const ANSWER_WITHIN_MS = 2000;
const RECOVER_WITHIN_MS = 5000;
const ASKERS = 3;

type Outage = 'Redis dead' | 'Redis half-open' | 'control database dead' | 'control database half-open';

const OUTAGES: readonly Outage[] = [
  'Redis dead',
  'Redis half-open',
  'control database dead',
  'control database half-open',
];

interface Seen {
  answers: number;
  accepted: number;
  longestMs: number;
  longestRecoveryMs: number;
  readonly slow: string[];
  readonly odd: string[];
  readonly unrecovered: string[];
}

/** With Redis or the control database gone the API answers in time, and recovers by itself. */
export const outages = experiment({
  invariants: [12],
  name: 'outages',
  does: 'Redis and the control database are killed, and their connections left half-open, while requests go on',
  sizes: { long: { each: 20 }, short: { each: 1 } },
  run: ({ lab, random, size }) =>
    lab.withService({ workers: 1 }, async (service) => {
      const bundle = await storeBundle(service, [{ path: 'deployment/00000-a.sql', sql: 'select 1;' }]);
      const { name } = await lab.targets.make(service);
      const body = { target: name, mode: 'deployment', bundle };
      const tally = new Tally();
      const seen: Seen = {
        answers: 0,
        accepted: 0,
        longestMs: 0,
        longestRecoveryMs: 0,
        slow: [],
        odd: [],
        unrecovered: [],
      };
      for (let round = 0; round < size.each; round++) {
        for (const outage of OUTAGES) {
          await endure(lab, service, random, outage, body, seen);
          tally.add(outage);
        }
      }
      const stuck = await untilFinal(service, 60_000);
      const { byStatus, notSucceeded } = await readEnds(service);
      const n = seen.answers;
      return {
        faults: tally.counts,
        figures: {
          answers: n,
          'accepted meanwhile': seen.accepted,
          'slowest answer, ms': Math.round(seen.longestMs),
          'longest recovery, ms': Math.round(seen.longestRecoveryMs),
          ...byStatus,
        },
        checks: [
          check('every answer comes within 2 s', n, seen.slow),
          check('every answer is 200 or 202, or 503 with Retry-After', n, seen.odd),
          check('all is well within 5 s of the end', tally.total, seen.unrecovered),
          check('every accepted deployment succeeds', seen.accepted, [...stuck.map(({ id }) => id), ...notSucceeded]),
        ],
      };
    }),
});

async function endure(
  lab: Lab,
  service: Service,
  random: Random,
  outage: Outage,
  body: object,
  seen: Seen,
): Promise<void> {
  const state = { isOver: false };
  const askers = Array.from({ length: ASKERS }, (_, i) => keepAsking(service, i, outage, body, state, seen));
  const mend = await begin(lab, service, outage);
  await pause(random.between(1500, 3000));
  await mend();
  const mendedAt = performance.now();
  const isWell = async (): Promise<boolean> => {
    const [ready, posted] = await Promise.all([
      service.http.call('GET', '/readyz'),
      service.http.call('POST', '/v1/deployments', body),
    ]);
    if (posted.status === 202) seen.accepted++;
    return posted.status === 202 && ready.status === 200 && (ready.body as { redis?: string }).redis === 'ok';
  };
  const well = await seenWithin(isWell, Boolean, RECOVER_WITHIN_MS + 2000);
  const recoveryMs = performance.now() - mendedAt;
  seen.longestRecoveryMs = Math.max(seen.longestRecoveryMs, recoveryMs);
  if (!well || recoveryMs > RECOVER_WITHIN_MS) seen.unrecovered.push(`${outage}: ${Math.round(recoveryMs)} ms`);
  state.isOver = true;
  await Promise.all(askers);
}

/** @returns what ends it */
async function begin(lab: Lab, service: Service, outage: Outage): Promise<() => Promise<void>> {
  const lines =
    outage === 'Redis half-open'
      ? [service.redisLine]
      : [...service.apis, ...service.workers].map(({ controlLine }) => controlLine);
  switch (outage) {
    case 'Redis dead':
      await service.redis.kill();
      return () => service.redis.start();
    case 'control database dead':
      await lab.controlCluster.crash();
      return () => lab.controlCluster.start();
    default:
      for (const line of lines) line.set('silent');
      return async () => {
        for (const line of lines) line.set('open');
      };
  }
}

const CALLS = [
  ['POST', '/v1/deployments'],
  ['GET', '/v1/deployments?limit=5'],
  ['GET', '/v1/targets'],
] as const;

async function keepAsking(
  { http }: Service,
  turn: number,
  outage: Outage,
  body: object,
  state: { readonly isOver: boolean },
  seen: Seen,
): Promise<void> {
  for (let i = turn; !state.isOver; i++) {
    const [method, path] = CALLS[i % CALLS.length] ?? CALLS[0];
    const answer = await http.call(method, path, method === 'POST' ? body : undefined);
    note(answer, `${outage}: ${method} ${path}`, seen);
    await pause(60);
  }
}

function note({ status, ms, headers, body }: Answer, what: string, seen: Seen): void {
  seen.answers++;
  seen.longestMs = Math.max(seen.longestMs, ms);
  if (status === 202) seen.accepted++;
  if (ms > ANSWER_WITHIN_MS) seen.slow.push(`${what}: ${Math.round(ms)} ms (${status})`);
  const isExpected = status === 200 || status === 202 || (status === 503 && headers.get('retry-after') !== null);
  if (!isExpected) seen.odd.push(`${what}: ${status} ${JSON.stringify(body)?.slice(0, 200)}`);
}
