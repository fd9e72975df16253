import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  type Bundle,
  type BundleFile,
  type ErrorCode,
  type Problem,
  type ScriptDescription,
  SqlDeployError,
} from '@postgres-manager/sql-deploy';

/** Beside this file once built; tests that run the sources take the built one too. */
const THREAD = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../dist/bundles/validation-thread.js' : './validation-thread.js',
    import.meta.url,
  ),
);

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What the thread is asked to do: validate a bundle, read one from folders, or tell how a file would be run. */
export type Work = { readonly bundle: Bundle } | { readonly root: string } | { readonly file: BundleFile };

export interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly code: ErrorCode | null; readonly hint: string };
}

/** Reads and validates bundles in a thread of their own, one after the other; the thread begins with the first. */
export class Validator {
  #worker: Worker | null = null;
  #next = 1;
  readonly #pending = new Map<number, Pending>();

  async validate(bundle: Bundle): Promise<readonly Problem[]> {
    return (await this.#ask({ bundle })) as readonly Problem[];
  }

  /** @throws SqlDeployError root_missing */
  async read(root: string): Promise<Bundle> {
    return (await this.#ask({ root })) as Bundle;
  }

  /** How a `.sql` file of valid UTF-8 would be run; null when it has problems. */
  async describe(file: BundleFile): Promise<ScriptDescription | null> {
    return (await this.#ask({ file })) as ScriptDescription | null;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #ask(work: Work): Promise<unknown> {
    const worker = (this.#worker ??= this.#start());
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      worker.postMessage({ id, work });
    });
  }

  #start(): Worker {
    const worker = new Worker(THREAD);
    worker.unref();
    worker.on('message', ({ id, result, error }: Reply) => {
      const pending = this.#pending.get(id);
      this.#pending.delete(id);
      if (error === undefined) pending?.resolve(result);
      else if (error.code !== null) pending?.reject(new SqlDeployError(error.code, error.message, error.hint));
      else pending?.reject(new Error(`The validator failed: ${error.message}`));
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
