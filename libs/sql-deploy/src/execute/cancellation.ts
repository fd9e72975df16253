import { connectOnce } from '../target/connect.ts';
import type { ConnectionSettings } from '../target/dsn.ts';
import type { Session } from '../target/session.ts';
import type { RunEvent } from './report.ts';

const ASK_AGAIN_MS = 200;
const TERMINATE_AFTER_MS = 10_000;
const CONNECT_MS = 5000;

/**
 * Carries an abort over to the server: the running statement is cancelled from a second connection, again and
 * again until its backend is idle, and after ten seconds the backend is terminated.
 */
export class Cancellation {
  readonly #session: Session;
  readonly #connection: ConnectionSettings;
  readonly #backendPid: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onEvent: ((event: RunEvent) => void) | undefined;
  #work: Promise<void> = Promise.resolve();
  readonly #listener = (): void => {
    this.#onEvent?.({ type: 'cancelling' });
    this.#work = this.#cancel();
  };

  constructor(
    session: Session,
    backendPid: number,
    connection: ConnectionSettings,
    signal: AbortSignal | undefined,
    onEvent: ((event: RunEvent) => void) | undefined,
  ) {
    this.#session = session;
    this.#backendPid = backendPid;
    this.#connection = connection;
    this.#signal = signal;
    this.#onEvent = onEvent;
    signal?.addEventListener('abort', this.#listener);
    if (signal?.aborted) this.#listener();
  }

  get requested(): boolean {
    return this.#signal?.aborted === true;
  }

  /** Resolves when no cancel is on its way any more, so that none can hit what is sent next. */
  async settled(): Promise<void> {
    await this.#work;
  }

  dispose(): void {
    this.#signal?.removeEventListener('abort', this.#listener);
  }

  async #cancel(): Promise<void> {
    let idle = false;
    const whenIdle = this.#session.idle().then(() => {
      idle = true;
    });
    const started = performance.now();
    while (!idle) {
      const terminate = performance.now() - started > TERMINATE_AFTER_MS;
      await this.#ask(terminate ? 'pg_terminate_backend' : 'pg_cancel_backend', () => idle);
      await Promise.race([whenIdle, new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))]);
    }
  }

  async #ask(how: 'pg_cancel_backend' | 'pg_terminate_backend', isIdle: () => boolean): Promise<void> {
    try {
      const second = await connectOnce(this.#connection, CONNECT_MS);
      try {
        if (!isIdle()) await second.row(`SELECT pg_catalog.${how}(${this.#backendPid})`);
      } finally {
        await second.close();
      }
    } catch {
      // The server is full or away: asked again until the statement has ended, one way or the other.
    }
  }
}
