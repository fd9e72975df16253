import { parentPort } from 'node:worker_threads';
import { describeScript, readBundle, SqlDeployError, validate } from '@postgres-manager/sql-deploy';
import type { Reply, Work } from './validator.ts';

// Reading folders and parsing a large bundle take a second and more: here they hold up nobody.
parentPort?.on('message', ({ id, work }: { id: number; work: Work }) => {
  carryOut(work).then(
    (result) => parentPort?.postMessage({ id, result } satisfies Reply),
    (error: unknown) => parentPort?.postMessage({ id, error: told(error) } satisfies Reply),
  );
});

async function carryOut(work: Work): Promise<unknown> {
  if ('root' in work) return await readBundle(work.root);
  return 'file' in work ? await describeScript(work.file) : await validate(work.bundle);
}

/** Errors lose their class on the way between threads. */
function told(error: unknown): NonNullable<Reply['error']> {
  if (error instanceof SqlDeployError) return { message: error.message, code: error.code, hint: error.hint };
  return { message: error instanceof Error ? error.message : String(error), code: null, hint: '' };
}
