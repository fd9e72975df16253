import { FOLDERS } from '@postgres-manager/sql-deploy';
import { ROLES, STATUSES } from '@postgres-manager/control-plane';
import { z } from 'zod';

// What comes in. Texts hold no NUL and no half of a surrogate pair: PostgreSQL stores none.
const hasNoNul = (given: string): boolean => !given.includes('\0') && !/\p{Cs}/u.test(given);
const NUL_HINT = 'Holds a NUL character, or half of a surrogate pair.';
export const text = (most: number) =>
  z.string().min(1, 'Is not to be empty.').max(most, `Has more than ${most} characters.`).refine(hasNoNul, NUL_HINT);

export const targetName = text(100).regex(
  /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
  'A target’s name has letters, digits, dots, hyphens and underscores, and begins with a letter or digit.',
);
export const labelName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/,
    'A label’s name has at most 63 letters, digits, dots, slashes, hyphens and underscores.',
  );
export const labelValue = z.string().max(200, 'A label’s value has at most 200 characters.').refine(hasNoNul, NUL_HINT);
export const labels = z
  .record(labelName, labelValue)
  .refine((map) => Object.keys(map).length <= 50, 'There are more than 50 labels.');
export const digest = z.string().regex(/^[0-9a-f]{64}$/, 'A digest is 64 hexadecimal digits.');
export const mode = z.enum([...FOLDERS] as ['create', 'deployment', 'manual-deployment'], {
  error: `Is to be one of ${FOLDERS.join(', ')}.`,
});
export const status = z.enum([...STATUSES] as [(typeof STATUSES)[number]], {
  error: `Is to be one of ${STATUSES.join(', ')}.`,
});
const TIME_HINT = 'Is to be a time as in 2026-01-31T12:00:00Z.';
export const timestamp = z.iso
  .datetime({ offset: true, error: TIME_HINT })
  // PostgreSQL has no year 0.
  .refine((given) => !given.startsWith('0000'), TIME_HINT);
export const role = z.enum(ROLES as ['viewer', 'deployer', 'approver', 'admin'], {
  error: `Is to be one of ${ROLES.join(', ')}.`,
});
export const id = z.uuid({ error: 'Is not an id.' });
export const limit = z.coerce
  .number({ error: 'Is not a number.' })
  .int('Is to be a whole number.')
  .min(1, 'Is to be from 1 to 200.')
  .max(200, 'Is to be from 1 to 200.')
  .default(50);
/** `env:staging`, given once or several times. */
export const labelFilter = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => (typeof given === 'string' ? [given] : given))
  .pipe(
    z
      .array(
        z
          .string()
          .regex(/^[^:=]{1,63}[:=].{0,200}$/, 'A label is asked for as name:value.')
          .refine(hasNoNul, NUL_HINT),
      )
      .max(50, 'There are more than 50 labels.'),
  )
  .transform((given) =>
    Object.fromEntries(given.map((pair) => [pair.slice(0, pair.search(/[:=]/)), pair.slice(pair.search(/[:=]/) + 1)])),
  );
export const nothing = z.strictObject({});

// What goes out.
const time = z.string().meta({ format: 'date-time' });
export const problem = z.object({
  rule: z.string(),
  path: z.string(),
  line: z.int().nullable(),
  column: z.int().nullable(),
  message: z.string(),
  hint: z.string(),
  sourceLine: z.string().nullable(),
});
export const evidence = z.object({
  path: z.string(),
  sha256: z.string().describe('Of the file’s bytes as they were run.'),
  startedAt: time,
  statementsDone: z.int(),
  statementCount: z.int().nullable(),
  statementRunning: z.int().nullable().describe('From 1; null between two statements.'),
  unknown: z.string().nullable().describe('What the catalog of the target can’t tell.'),
});
export const resolution = z.object({
  file: z.string(),
  outcome: z.enum(['applied', 'not-applied'], { error: 'Is to be applied or not-applied.' }),
});
export const failure = z.object({
  file: z.string().nullable(),
  line: z.int().nullable(),
  column: z.int().nullable(),
  sourceLine: z.string().nullable(),
  sqlstate: z.string().nullable(),
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  evidence: evidence.optional().describe('Of an `unfinished_step`: what is known of the file.'),
  outcomeUnknown: z.literal(true).optional().describe('The target could not be asked what became of the file.'),
});
export const waitingForFreeze = z.object({
  kind: z.literal('freeze'),
  freeze: z.string(),
  reason: z.string(),
  by: z.string(),
  since: z.string(),
});
export const waitingForApproval = z.object({
  kind: z.literal('approval'),
  protection: z.string().nullable().describe('What stood over its target when it began to wait.'),
  reason: z.string(),
  by: z.string().nullable().describe('Who protected the target.'),
  since: z.string(),
  voided: z.string().nullable().describe('Why an earlier approval holds no more; null: there was none.'),
});
export const waitingFor = z.union([
  z.object({ kind: z.literal('time'), until: z.string(), reason: z.string() }),
  z.object({ kind: z.literal('predecessor'), deploymentId: z.string(), status: z.string() }),
  z.object({ kind: z.literal('lock'), holder: z.string(), since: z.string() }),
  z.object({ kind: z.literal('worker') }),
  waitingForApproval,
  waitingForFreeze,
]);
export const summary = z.object({
  result: z.string(),
  applied: z.array(z.string()),
  skipped: z.int(),
  baselined: z.int(),
  adopted: z.int(),
  notStarted: z.array(z.string()),
  failures: z.array(failure),
});
export const deployment = z.object({
  id: z.string(),
  target: z.string(),
  mode: z.string(),
  bundle: z.string(),
  dryRun: z.boolean(),
  onError: z.string(),
  priority: z.int(),
  notBefore: time.nullable(),
  status: z.string(),
  waitingFor: waitingFor.nullable().describe('What it waits for; null when it moves or is final.'),
  approval: z
    .object({ by: z.string(), at: time, plan: z.string() })
    .nullable()
    .describe('Null: nobody has approved it, or it was voided.'),
  summary: summary.nullable(),
  failure: failure.nullable(),
  retryOf: z.string().nullable(),
  resolution: resolution.nullable().describe('The answer about a file of `retryOf`, entered before anything is run.'),
  rollout: z.string().nullable(),
  createdAt: time,
  createdBy: z.string(),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  cancelRequestedAt: time.nullable(),
  cancelRequestedBy: z.string().nullable(),
});
export const attempt = z.object({
  number: z.int(),
  worker: z.string(),
  workerHost: z.string().nullable().describe('Where that worker runs, or ran.'),
  startedAt: time,
  finishedAt: time.nullable(),
  outcome: z.string().nullable(),
  failure: failure.nullable(),
  backendPid: z.int().nullable(),
  serverVersion: z.string().nullable(),
  lockWaitMs: z.number(),
});
export const step = z.object({
  path: z.string(),
  sha256: z.string(),
  transactional: z.boolean(),
  statementCount: z.int(),
  status: z.string(),
  attempt: z.int(),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  durationMs: z.number().nullable(),
  failure: failure.nullable(),
});
export const deploymentDetail = deployment.extend({ attempts: z.array(attempt), steps: z.array(step) });
export const event = z.object({
  deploymentId: z.string(),
  number: z.int(),
  id: z.string(),
  at: time,
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export const ledgerFile = z.object({
  path: z.string(),
  sha256: z.string().nullable(),
  origin: z.string(),
  appliedAt: z.string(),
  appliedBy: z.string(),
  durationMs: z.number().nullable(),
  deploymentId: z.string().nullable().optional().describe('The deployment that entered it; null for what none did.'),
});
export const target = z.object({
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  dsnEnv: z.string().nullable(),
  host: z.string().nullable(),
  port: z.int().nullable(),
  database: z.string().nullable(),
  user: z.string().nullable(),
  tls: z.string().nullable(),
  acceptPooler: z.boolean(),
  lockTimeoutMs: z.int().nullable(),
  statementTimeoutMs: z.int().nullable(),
  createdAt: time,
  updatedAt: time,
  lastDeployment: z.object({ id: z.string(), status: z.string(), createdAt: time }).nullable(),
  ledger: z
    .object({
      create: z.string(),
      serverVersion: z.string(),
      applied: z.int(),
      lastDeploymentFile: z.object({ path: z.string(), appliedAt: z.string() }).nullable(),
      readAt: time,
    })
    .nullable()
    .describe('As a worker last saw it; null before any has been there.'),
});
export const apiKey = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  role,
  labels: z.record(z.string(), z.string()),
  expiresAt: time.nullable(),
  createdAt: time,
  createdBy: z.string(),
  lastUsedAt: time.nullable(),
  revokedAt: time.nullable(),
});
export const worker = z.object({
  id: z.string(),
  host: z.string(),
  pid: z.int(),
  version: z.string(),
  concurrency: z.int(),
  running: z.int(),
  startedAt: time,
  heartbeatAt: time,
  alive: z.boolean(),
  current: z
    .array(z.object({ deployment: z.string(), target: z.string(), since: time }))
    .describe('What it has in hand, of targets that this key may see.'),
});
export const auditRecord = z.object({
  id: z.string(),
  seq: z.string().describe('Its place in the chain.'),
  hash: z.string().describe('SHA-256 over the hash before it and its own content, hexadecimal.'),
  at: time,
  actor: z.string(),
  keyId: z.string().nullable(),
  requestId: z.string().nullable(),
  action: z.string(),
  subjectType: z.string(),
  subject: z.string(),
  detail: z.record(z.string(), z.unknown()),
});
/** `SEQ:HASH`, as an earlier verification gave it. */
export const chainHead = z
  .string()
  .regex(/^[1-9]\d{0,17}:[0-9a-fA-F]{64}$/, 'A head is written SEQ:HASH, with the hash in 64 hexadecimal digits.')
  .transform((given) => ({ seq: given.slice(0, given.indexOf(':')), hash: given.slice(given.indexOf(':') + 1) }));
export const auditVerdict = z.object({
  intact: z.boolean(),
  rows: z.int().describe('How many are in order, from the first.'),
  head: z.object({ seq: z.string(), hash: z.string() }).nullable().describe('The last row that is in order.'),
  firstFault: z
    .object({ kind: z.enum(['missing', 'altered', 'cut_off', 'rewritten']), seq: z.string(), message: z.string() })
    .nullable(),
});
export const problemDocument = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  hint: z.string(),
  requestId: z.string(),
  errors: z.array(z.object({ in: z.string(), path: z.string(), message: z.string() })).optional(),
  problems: z.array(problem).optional(),
});
export const page = (item: z.ZodType) => z.object({ items: z.array(item), nextCursor: z.string().nullable() });
