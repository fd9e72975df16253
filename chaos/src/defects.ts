import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An edit of one built file. */
interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Edits of the built product that break what must always hold. */
export interface Defect {
  readonly does: string;
  /** The experiments that are to notice. */
  readonly noticedBy: string;
  readonly edits: readonly Edit[];
}

const TRANSITIONS = 'libs/control-plane/dist/deployments/transitions';
const BY_EPOCH = 'WHERE id = $1 AND epoch = $2 AND status';
const BY_ANYONE = 'WHERE id = $1 AND $2::integer IS NOT NULL AND status';

/** By the name that `--break` takes. */
export const DEFECTS: Readonly<Record<string, Defect>> = {
  'write-without-epoch': {
    does: 'what a worker writes no longer names the epoch it was given, so that one that was given up on can still write',
    noticedBy: 'freezes',
    edits: ['finish', 'hand-back', 'record-progress'].map((name) => ({
      file: `${TRANSITIONS}/${name}.js`,
      from: BY_EPOCH,
      to: BY_ANYONE,
    })),
  },
  'progress-twice': {
    does: 'a batch of events that is sent again is written again, though the first time was',
    noticedBy: 'lost-answers',
    edits: [
      {
        file: `${TRANSITIONS}/record-progress.js`,
        from: 'AND last_event = $7',
        to: 'AND $7::integer IS NOT NULL',
      },
    ],
  },
  'shared-target-lock': {
    does: 'the lock on the target is taken shared, so that it keeps nobody out',
    noticedBy: 'freezes',
    edits: ['target/facts', 'target/lock', 'execute/group'].flatMap((name) =>
      ['pg_try_advisory_lock', 'pg_try_advisory_xact_lock', 'pg_advisory_unlock'].map((lock) => ({
        file: `libs/sql-deploy/dist/${name}.js`,
        from: `${lock}(\${LOCK_KEY})`,
        to: `${lock}_shared(\${LOCK_KEY})`,
      })),
    ),
  },
  'ring-once': {
    does: 'the reconciler rings for nothing, so that a ring that Redis lost is never repeated',
    noticedBy: 'accepted',
    edits: [{ file: 'libs/control-plane/dist/queue/reconcile.js', from: 'await bell.ring(heads);', to: ';' }],
  },
  'key-without-lock': {
    does: 'requests with one Idempotency-Key no longer take turns, and the key is not looked for before a deployment is made',
    noticedBy: 'idempotency',
    edits: [
      {
        file: 'libs/control-plane/dist/deployments/idempotency.js',
        from: 'if (rowCount !== 0)',
        to: 'if (rowCount < 0)',
      },
      {
        file: 'libs/control-plane/dist/deployments/idempotency.js',
        from: 'pg_try_advisory_xact_lock(hashtextextended($1, 0))',
        to: '$1::text IS NOT NULL',
      },
      {
        file: 'libs/control-plane/dist/deployments/idempotency.js',
        from: 'VALUES ($1, $2, $3, $4)`',
        to: 'VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`',
      },
    ],
  },
  'parallel-without-limit': {
    does: 'a rollout starts as many targets as its servers have room for, whatever its maxParallel',
    noticedBy: 'rollouts',
    edits: [
      { file: 'libs/control-plane/dist/rollouts/decide.js', from: 'standing.maxParallel - started', to: 'Infinity' },
    ],
  },
  'move-once': {
    does: 'the reconciler moves no rollout, so that a move that was lost with its process is never made up for',
    noticedBy: 'rollouts',
    edits: [
      {
        file: 'libs/control-plane/dist/rollouts/rollout-mover.js',
        from: 'await findRolloutsToMove(this.#db, MOST_AT_ONCE)',
        to: '(await findRolloutsToMove(this.#db, MOST_AT_ONCE)).slice(0, 0)',
      },
    ],
  },
  'deaf-transactions': {
    does: 'nobody listens to a connection of the control database that is cut between two statements of a transaction',
    noticedBy: 'rollouts',
    edits: [
      {
        file: 'libs/control-plane/dist/database/control-database.js',
        from: "client.on('error', ignoreHere);",
        to: ';',
      },
    ],
  },
};

const PARTS = ['apps/api', 'apps/worker', 'libs/control-plane', 'libs/sql-deploy'];
const COPIED = ['package.json', 'dist', 'bin', 'schema'];

/**
 * Gives a folder with the product as built; with a defect, a copy of it that is removed in the end. The checkout is
 * left as it is.
 * @throws Error when there is no such defect, or nothing of what it would change is there any more
 */
export async function withDefect<T>(
  root: string,
  name: string | null,
  use: (productRoot: string) => Promise<T>,
): Promise<T> {
  if (name === null) return await use(root);
  const defect = DEFECTS[name];
  if (defect === undefined) throw new Error(`There is no defect ${name}: ${Object.keys(DEFECTS).join(', ')}.`);
  const copy = await mkdtemp(join(tmpdir(), 'pm-chaos-broken-'));
  try {
    await copyProduct(root, copy);
    let changes = 0;
    for (const edit of defect.edits) changes += await apply(copy, edit);
    if (changes === 0) throw new Error(`Nothing of ${name} could be changed: the product is not as it was.`);
    return await use(copy);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** @returns how many files were changed: 0 or 1 */
async function apply(copy: string, { file, from, to }: Edit): Promise<number> {
  const path = join(copy, file);
  const text = await readFile(path, 'utf8');
  if (!text.includes(from)) return 0;
  await writeFile(path, text.replaceAll(from, to));
  return 1;
}

/** Packages are linked to where they are; those of the product itself to their copies. */
async function copyProduct(root: string, copy: string): Promise<void> {
  for (const part of PARTS) {
    await mkdir(join(copy, part), { recursive: true });
    for (const name of COPIED) {
      await cp(join(root, part, name), join(copy, part, name), { recursive: true }).catch(ignoreMissing);
    }
  }
  const packages = join(copy, 'node_modules');
  await mkdir(join(packages, '@postgres-manager'), { recursive: true });
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (name !== '@postgres-manager') await symlink(join(root, 'node_modules', name), join(packages, name));
  }
  for (const part of PARTS) {
    await symlink(join(copy, part), join(packages, '@postgres-manager', part.split('/')[1] ?? ''));
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as { code?: unknown }).code !== 'ENOENT') throw error;
}
