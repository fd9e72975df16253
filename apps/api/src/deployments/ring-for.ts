import { type Deployment, headOfLineOf } from '@postgres-manager/control-plane';
import type { Services } from '../services.ts';

/**
 * Rings for the head of a target's line, after what changed it is committed. Nobody waits for it: with Redis away
 * the workers' reconciling finds the row within seconds.
 */
export function ringFor({ db, bell, events, log }: Services, deployment: Deployment): void {
  events.changed([deployment.id]);
  bell.tell({ deploymentIds: [deployment.id], cancel: false });
  headOfLineOf(db.pool, deployment.id)
    .then(async (head) => {
      if (head !== null) await bell.ring([head]);
    })
    .catch((error: unknown) => {
      log.warn(
        { deploymentId: deployment.id, reason: error instanceof Error ? error.message : String(error) },
        'The queue could not be rung; a worker finds the deployment by itself.',
      );
    });
}
