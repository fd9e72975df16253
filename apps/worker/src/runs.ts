import { isDatabaseUnavailable } from '@postgres-manager/control-plane';
import type { Complaints } from './complaints.ts';
import { runDeployment } from './run-deployment.ts';
import type { Service } from './service.ts';

/** The runs of this worker: begun by rings, and waited for when it stops. */
export class Runs {
  readonly #service: Service;
  readonly #database: Complaints;
  readonly #running = new Set<Promise<void>>();
  #open = true;

  constructor(service: Service, database: Complaints) {
    this.#service = service;
    this.#database = database;
  }

  /** Runs a deployment that was rung for; never rejects: whoever should be moving and is not is rung for again. */
  async take(deploymentId: string): Promise<void> {
    if (!this.#open) return;
    const run = runDeployment(this.#service, deploymentId).catch((error: unknown) => this.#told(deploymentId, error));
    this.#running.add(run);
    try {
      await run;
    } finally {
      this.#running.delete(run);
    }
  }

  takeNoMore(): void {
    this.#open = false;
  }

  /** @returns whether all ended within that time */
  async done(withinMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), withinMs);
    });
    try {
      return await Promise.race([Promise.all(this.#running).then(() => true), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #told(deploymentId: string, error: unknown): void {
    if (isDatabaseUnavailable(error)) this.#database.fault(error instanceof Error ? error.message : String(error));
    else this.#service.log.error({ deployment: deploymentId, err: error }, 'A run broke off; its lease runs out.');
  }
}
