import { z } from 'zod';
import * as schemas from '../schemas.ts';

/** What is asked for with POST /v1/deployments. */
export const deploymentBody = z
  .strictObject({
    target: schemas.targetName,
    mode: schemas.mode,
    bundle: schemas.digest.optional().describe('Left out: the server’s own folders, as they are now.'),
    dryRun: z.boolean('Is to be true or false.').default(false).describe('Only the plan: the target is not changed.'),
    priority: z
      .int('Is to be a whole number.')
      .min(-100, 'Is to be from -100 to 100.')
      .max(100, 'Is to be from -100 to 100.')
      .default(0)
      .describe('Higher goes first in the target’s line.'),
    notBefore: schemas.timestamp.optional().describe('Not to begin before then.'),
    onError: z
      .enum(['stop', 'continue'], { error: 'Is to be stop or continue.' })
      .default('stop')
      .describe('What a create does after a failed file.'),
  })
  .refine((body) => body.onError === 'stop' || body.mode === 'create', {
    message: 'Only a create goes on after a failure.',
    path: ['onError'],
  });

export type DeploymentBody = z.output<typeof deploymentBody>;
