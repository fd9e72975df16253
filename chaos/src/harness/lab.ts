import { type Cluster, startCluster } from './cluster.ts';
import { openService, type Service, type ServiceOptions } from './service.ts';
import { prepareTargets, type Target, type Targets } from './targets.ts';

/** The servers of a run, which its experiments share, and what they make on them. */
export interface Lab {
  readonly controlCluster: Cluster;
  readonly targetCluster: Cluster;
  /** The checkout, or a copy of what was built of it with a defect in it. */
  readonly productRoot: string;
  readonly redisProgram: string;
  readonly targets: Targets;
  /** A service of its own for the time of `use`. @param options.servers other ones than the lab's */
  withService<T>(
    options: ServiceOptions & { readonly servers?: Partial<Pick<Lab, 'controlCluster' | 'targetCluster'>> },
    use: (service: Service) => Promise<T>,
  ): Promise<T>;
  close(): Promise<void>;
}

export type { Target };

export async function openLab(productRoot: string, redisProgram: string): Promise<Lab> {
  const controlCluster = await startCluster();
  const targetCluster = await startCluster();
  const parts = { productRoot, redisProgram, controlCluster, targetCluster };
  const targets = await prepareTargets(targetCluster);
  return {
    ...parts,
    targets,
    withService: async (options, use) => {
      const service = await openService({ ...parts, ...options.servers }, options);
      try {
        return await use(service);
      } finally {
        await service.close();
        await targets.dropAll();
      }
    },
    close: async () => {
      await targets.dropAll();
      await Promise.all([controlCluster.remove(), targetCluster.remove()]);
    },
  };
}
