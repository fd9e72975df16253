import { z } from 'zod';
import * as schemas from '../schemas.ts';

const time = z.string().meta({ format: 'date-time' });
const basis = z
  .enum(['ledger', 'worker', 'never_seen'])
  .describe(
    'ledger: by the target’s ledger as it was last seen. worker: a worker made it there, and ran nothing. never_seen: nobody has been there, and the files are all that may be run.',
  );
const steps = z
  .array(z.object({ path: z.string(), sha256: z.string() }))
  .describe('The files that would be run, in order.');
const stop = z
  .object({ code: z.string(), message: z.string() })
  .nullable()
  .describe('Why nothing would be run, as far as is known.');
const planDigest = schemas.digest.describe('Of what was shown: approving names it.');

/** What an approval of a deployment is for. */
export const deploymentApproval = z.object({
  deployment: z.string(),
  status: z.string(),
  target: z.string(),
  address: z.string().describe('Where the target’s DSN leads, without a secret.'),
  mode: z.string(),
  onError: z.string(),
  bundle: z.string(),
  resolution: schemas.resolution.nullable(),
  askedBy: z.string(),
  plan: planDigest,
  basis,
  seenAt: time.nullable().describe('When that was; null: never.'),
  steps,
  stop,
});

/** What an approval of a rollout's wave is for: targets that would run the same files together. */
export const rolloutApproval = z.object({
  rollout: z.string(),
  status: z.string(),
  mode: z.string(),
  bundle: z.string(),
  askedBy: z.string(),
  wave: z.int().nullable().describe('Null: no wave of it waits for an approval.'),
  plan: planDigest.nullable(),
  targets: z.int(),
  plans: z.array(z.object({ targets: z.array(z.string()), basis, oldestSeenAt: time.nullable(), steps, stop })),
});

export const approveBody = z.strictObject({
  plan: schemas.digest.describe('The digest of the plan that you were shown: nobody approves what they did not see.'),
});
export const approveRolloutBody = approveBody.extend({
  wave: z.int('Is to be a whole number.').min(1).max(1000).optional().describe('The one that is meant, to be sure.'),
});
export const rejectBody = z.strictObject({ reason: schemas.text(1000) });
