import { parentPort } from 'node:worker_threads';
import { type Bundle, validate } from '@postgres-manager/sql-deploy';

// Parsing a large bundle takes a second and more: here it holds up nobody.
parentPort?.on('message', ({ id, bundle }: { id: number; bundle: Bundle }) => {
  validate(bundle).then(
    (problems) => parentPort?.postMessage({ id, problems }),
    (error: unknown) => parentPort?.postMessage({ id, error: error instanceof Error ? error.message : String(error) }),
  );
});
