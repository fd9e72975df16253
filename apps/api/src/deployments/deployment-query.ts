import type { DeploymentFilter } from '@postgres-manager/control-plane';
import { z } from 'zod';
import * as schemas from '../schemas.ts';

/** What deployments can be filtered by, in any mixture. */
export const deploymentQuery = z.strictObject({
  target: schemas.targetName.optional(),
  mode: schemas.mode.optional(),
  status: schemas.status.optional(),
  rollout: schemas.id.optional(),
  createdAfter: schemas.timestamp.optional(),
  createdBefore: schemas.timestamp.optional(),
});

export function filterOf(query: z.output<typeof deploymentQuery>): DeploymentFilter {
  return {
    target: query.target ?? null,
    mode: query.mode ?? null,
    status: query.status ?? null,
    rollout: query.rollout ?? null,
    createdAfter: query.createdAfter ?? null,
    createdBefore: query.createdBefore ?? null,
  };
}
