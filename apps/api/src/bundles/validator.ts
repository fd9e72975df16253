import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Bundle, Problem } from '@postgres-manager/sql-deploy';

/** Beside this file once built; tests that run the sources take the built one too. */
const THREAD = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../dist/bundles/validation-thread.js' : './validation-thread.js',
    import.meta.url,
  ),
);

interface Pending {
  readonly resolve: (problems: readonly Problem[]) => void;
  readonly reject: (error: Error) => void;
}

interface Reply {
  readonly id: number;
  readonly problems?: readonly Problem[];
  readonly error?: string;
}

/** Validates bundles in a thread of their own, one after the other; the thread begins with the first. */
export class Validator {
  #worker: Worker | null = null;
  #next = 1;
  readonly #pending = new Map<number, Pending>();

  validate(bundle: Bundle): Promise<readonly Problem[]> {
    const worker = (this.#worker ??= this.#start());
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      worker.postMessage({ id, bundle });
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(THREAD);
    worker.unref();
    worker.on('message', ({ id, problems, error }: Reply) => {
      const pending = this.#pending.get(id);
      this.#pending.delete(id);
      if (problems === undefined) pending?.reject(new Error(`The validator failed: ${error}`));
      else pending?.resolve(problems);
    });
    // A bundle that takes the thread down (out of memory) fails its own request; the next begins a new thread.
    const failAll = (error: Error): void => {
      if (this.#worker === worker) this.#worker = null;
      for (const { reject } of this.#pending.values()) reject(error);
      this.#pending.clear();
    };
    worker.on('error', failAll);
    worker.on('exit', () => failAll(new Error('The validator stopped.')));
    return worker;
  }
}
