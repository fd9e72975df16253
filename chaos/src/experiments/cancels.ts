import { check, experiment } from '../experiment.ts';
import { countedFiles, storeBundle } from '../harness/counted-files.ts';
import { judgeTarget, mergeFindings } from '../harness/judge-target.ts';
import type { Lab } from '../harness/lab.ts';
import { isFinal, readRow, runPrefix, waitForEnd } from '../harness/look-up.ts';
import type { Service } from '../harness/service.ts';
import type { Target } from '../harness/targets.ts';
import { pause } from '../harness/wait.ts';
import type { Random } from '../random.ts';

const LANES = 6;
const FILES_EACH = 3;
const FINAL_WITHIN_MS = 5000;

interface Found {
  readonly late: string[];
  readonly odd: string[];
  readonly living: string[];
  readonly afterwards: string[];
  readonly statuses: Record<string, number>;
}

/** After "cancelled" nothing of the deployment runs. */
export const cancels = experiment({
  invariants: [10],
  name: 'cancels',
  does: 'deployments are cancelled at any moment of their short lives, so that cancels race commits',
  sizes: { long: { cancels: 300 }, short: { cancels: 24 } },
  run: ({ lab, random, size }) =>
    lab.withService({ workers: 3 }, async (service) => {
      const links = Math.ceil(size.cancels / LANES);
      const files = countedFiles(random, links * FILES_EACH, 60);
      const bundles: string[] = [];
      for (let link = 1; link <= links; link++)
        bundles.push(await storeBundle(service, files.slice(0, link * FILES_EACH)));
      const found: Found = { late: [], odd: [], living: [], afterwards: [], statuses: {} };
      const targets = await Promise.all(Array.from({ length: LANES }, () => lab.targets.make(service)));
      await Promise.all(targets.map((target) => cancelAll(lab, service, random, target, bundles, found)));
      // Which files are in depends on the race: none counts as missing.
      const findings = mergeFindings(await Promise.all(targets.map((target) => judgeTarget(target, files))));
      const n = links * LANES;
      return {
        faults: { cancels: n },
        figures: found.statuses,
        checks: [
          check('final within 5 s of the cancel', n, found.late),
          check('cancelled, or done before the cancel came', n, found.odd),
          check('no backend of it lives when it is called cancelled', n, found.living),
          check('no statement of it runs after that', n, found.afterwards),
          check('no file is applied twice, half in or out of order', n, [
            ...findings.twice,
            ...findings.partial,
            ...findings.outOfOrder,
          ]),
          check('target and ledger agree', n, findings.ledger),
        ],
      };
    }),
});

async function cancelAll(
  lab: Lab,
  service: Service,
  random: Random,
  target: Target,
  bundles: readonly string[],
  found: Found,
): Promise<void> {
  const cancelled: { id: string; finishedAt: Date }[] = [];
  for (const bundle of bundles) {
    const { id } = await service.http.deploy({ target: target.name, mode: 'deployment', bundle });
    await pause(random.between(0, 350));
    const before = await readRow(service, id);
    await service.http.call('POST', `/v1/deployments/${id}/cancel`);
    const row = await waitForEnd(service, id, FINAL_WITHIN_MS);
    found.statuses[row.status] = (found.statuses[row.status] ?? 0) + 1;
    if (!isFinal(row.status)) found.late.push(`${id} is ${row.status}`);
    else if (row.status !== 'cancelled' && row.status !== 'succeeded') {
      found.odd.push(`${id}: ${before.status}, then ${row.status} ${JSON.stringify(row.failure)}`);
    }
    if (row.status !== 'cancelled' || row.finishedAt === null) continue;
    const living = await lab.targetCluster.admin.query<{ application_name: string; query: string }>(
      'SELECT application_name, query FROM pg_stat_activity WHERE starts_with(application_name, $1)',
      [runPrefix(id)],
    );
    found.living.push(...living.map((backend) => `${id}: ${JSON.stringify(backend).slice(0, 200)}`));
    cancelled.push({ id, finishedAt: row.finishedAt });
  }
  for (const { id, finishedAt } of cancelled) {
    const marks = await target.database.query<{ file: string; at: Date }>(
      'SELECT file, at FROM chaos.marks WHERE starts_with(application, $1) AND at > $2',
      [runPrefix(id), finishedAt],
    );
    found.afterwards.push(...marks.map(({ file }) => `${id}: ${file}`));
  }
}
