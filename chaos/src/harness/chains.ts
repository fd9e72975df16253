import type { Random } from '../random.ts';
import { type CountedFile, countedFiles, storeBundle } from './counted-files.ts';
import { judgeTarget, mergeFindings, type TargetFindings } from './judge-target.ts';
import type { Lab } from './lab.ts';
import type { Service } from './service.ts';
import type { Target } from './targets.ts';

interface ChainOptions {
  /** Deployments of each target, one after the other. */
  readonly links: number;
  readonly filesEach: number;
  /** How long a file takes, about. */
  readonly pauseMs: number;
}

/** Deployments of growing bundles, as a repository's history is: each link brings some more files. */
export interface Chains {
  readonly filesEach: number;
  /** Brings one fresh target through all links, `ahead` of them queued at a time; resolves when all are accepted. */
  run(isStopped?: () => boolean): Promise<void>;
  /** Deployments accepted so far. */
  readonly accepted: string[];
  /** Files of all links that were accepted. */
  countFiles(): number;
  /** Holds all targets against what they should have. Only when all are final. */
  judge(): Promise<TargetFindings>;
}

export async function prepareChains(
  lab: Lab,
  service: Service,
  random: Random,
  { links, filesEach, pauseMs }: ChainOptions,
): Promise<Chains> {
  const files = countedFiles(random, links * filesEach, pauseMs);
  const bundles: string[] = [];
  for (let link = 1; link <= links; link++) {
    bundles.push(await storeBundle(service, files.slice(0, link * filesEach)));
  }
  const done: { target: Target; files: readonly CountedFile[] }[] = [];
  const accepted: string[] = [];
  return {
    filesEach,
    accepted,
    run: async (isStopped = () => false) => {
      const target = await lab.targets.make(service);
      const entry = { target, files: files.slice(0, 0) };
      done.push(entry);
      for (const [link, bundle] of bundles.entries()) {
        if (isStopped()) return;
        const { id } = await service.http.deploy({ target: target.name, mode: 'deployment', bundle });
        accepted.push(id);
        entry.files = files.slice(0, (link + 1) * filesEach);
        await untilLineIsShort(service, target.name);
      }
    },
    countFiles: () => done.reduce((sum, entry) => sum + entry.files.length, 0),
    judge: async () => {
      const findings: TargetFindings[] = [];
      for (const entry of done) findings.push(await judgeTarget(entry.target, entry.files));
      return mergeFindings(findings);
    },
  };
}

/** At most two wait behind the one that runs: so kills meet lines, and the load lasts as long as the kills. */
async function untilLineIsShort(service: Service, target: string): Promise<void> {
  for (;;) {
    const [row] = await service.control.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM control_plane.deployments
       WHERE target_name = $1 AND status IN ('queued', 'running', 'cancelling')`,
      [target],
    );
    if ((row?.count ?? 0) < 3) return;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
