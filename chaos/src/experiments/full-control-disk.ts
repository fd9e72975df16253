import { check, experiment } from '../experiment.ts';
import { startCluster } from '../harness/cluster.ts';
import { countedFiles, storeBundle } from '../harness/counted-files.ts';
import type { Answer } from '../harness/http-client.ts';
import { judgeTarget, mergeFindings } from '../harness/judge-target.ts';
import type { Service } from '../harness/service.ts';
import { whyNoSmallDisk } from '../harness/small-disk.ts';
import { readEnds, untilFinal } from '../harness/storm.ts';
import type { Target } from '../harness/targets.ts';
import { pause, seenWithin } from '../harness/wait.ts';

const DISK_MEGABYTES = 160;
const TARGETS = 6;
const ANSWER_WITHIN_MS = 2000;
const REFUSED_WITHIN_MS = 20_000;
const RECOVER_WITHIN_MS = 5000;

interface Seen {
  answers: number;
  refused: number;
  longestMs: number;
  readonly accepted: string[];
  readonly slow: string[];
  readonly odd: string[];
  readonly unrefused: string[];
  readonly unrecovered: string[];
}

/** The disk of the control database is full while deployments are posted and run, and then it is not. */
export const fullControlDisk = experiment({
  invariants: [12],
  name: 'full-control-disk',
  does: 'the disk of the control database is filled up while deployments are posted and run, and emptied again',
  sizes: { long: { rounds: 15 }, short: { rounds: 1 } },
  run: async ({ lab, random, size }) => {
    const reason = whyNoSmallDisk();
    if (reason !== null) {
      return { faults: {}, figures: {}, checks: [], skipped: [`a full disk of the control database: ${reason}`] };
    }
    const cluster = await startCluster({ autovacuum: 'off' }, { diskMegabytes: DISK_MEGABYTES });
    try {
      return await lab.withService({ workers: 2, servers: { controlCluster: cluster } }, async (service) => {
        const files = countedFiles(random, 3, 30);
        const bundle = await storeBundle(service, files);
        const targets: Target[] = [];
        for (let i = 0; i < TARGETS; i++) targets.push(await lab.targets.make(service));
        const seen: Seen = {
          answers: 0,
          refused: 0,
          longestMs: 0,
          accepted: [],
          slow: [],
          odd: [],
          unrefused: [],
          unrecovered: [],
        };
        const state = { isOver: false };
        const askers = targets.map((target) => keepPosting(service, target, bundle, state, seen));
        for (let round = 0; round < size.rounds; round++) {
          await pause(random.between(100, 500));
          const refusedBefore = seen.refused;
          await cluster.disk?.fill();
          // What is free in half-filled pages goes first.
          const isRefused = await seenWithin(() => seen.refused > refusedBefore, Boolean, REFUSED_WITHIN_MS);
          if (!isRefused) seen.unrefused.push(`round ${round}`);
          await pause(random.between(0, 1000));
          await cluster.disk?.free();
          const before = seen.accepted.length;
          const isWell = await seenWithin(() => seen.accepted.length > before, Boolean, RECOVER_WITHIN_MS);
          if (!isWell) seen.unrecovered.push(`round ${round}`);
        }
        state.isOver = true;
        await Promise.all(askers);
        const stuck = await untilFinal(service, 60_000);
        const known = await service.control.query<{ id: string }>('SELECT id FROM control_plane.deployments');
        const rows = new Set(known.map(({ id }) => id));
        const { byStatus, notSucceeded } = await readEnds(service);
        const findings = mergeFindings(await Promise.all(targets.map((target) => judgeTarget(target, files))));
        const n = seen.accepted.length;
        return {
          faults: { 'disk filled up': size.rounds },
          figures: {
            answers: seen.answers,
            'refused with 503': seen.refused,
            'slowest answer, ms': Math.round(seen.longestMs),
            ...byStatus,
          },
          checks: [
            check('every answer comes within 2 s', seen.answers, seen.slow),
            check('every answer is 202, or 503 with Retry-After', seen.answers, seen.odd),
            check(
              'no accepted deployment is lost',
              n,
              seen.accepted.filter((id) => !rows.has(id)),
            ),
            check('every accepted deployment succeeds in the end', n, [
              ...stuck.map(({ id, status }) => `${id} is still ${status}`),
              ...notSucceeded,
            ]),
            check('no file is applied twice, missing, half in or out of order', TARGETS * files.length, [
              ...findings.twice,
              ...findings.missing,
              ...findings.partial,
              ...findings.outOfOrder,
              ...findings.ledger,
            ]),
            check('posts are accepted again within 5 s of there being room', size.rounds, seen.unrecovered),
            check('each time the disk was full for some of them', size.rounds, seen.unrefused),
          ],
        };
      });
    } finally {
      await cluster.remove();
    }
  },
});

async function keepPosting(
  { http }: Service,
  target: Target,
  bundle: string,
  state: { readonly isOver: boolean },
  seen: Seen,
): Promise<void> {
  while (!state.isOver) {
    note(await http.call('POST', '/v1/deployments', { target: target.name, mode: 'deployment', bundle }), seen);
    await pause(40);
  }
}

function note({ status, ms, headers, body }: Answer, seen: Seen): void {
  seen.answers++;
  seen.longestMs = Math.max(seen.longestMs, ms);
  if (ms > ANSWER_WITHIN_MS) seen.slow.push(`${Math.round(ms)} ms (${status})`);
  if (status === 202) seen.accepted.push((body as { id: string }).id);
  else if (status === 503 && headers.get('retry-after') !== null) seen.refused++;
  else seen.odd.push(`${status} ${JSON.stringify(body)?.slice(0, 300)}`);
}
