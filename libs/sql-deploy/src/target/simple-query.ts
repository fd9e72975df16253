import type { Connection, Submittable } from 'pg';

/** A row as the server sends it: text, or null. */
export type TextRow = readonly (string | null)[];

/** What comes back while a text of one or many statements runs. */
export interface Observer {
  /** A statement is done. One call for each statement of the text, in order. */
  readonly onComplete?: (tag: string) => void;
  readonly onRow?: (row: TextRow) => void;
}

interface WireConnection extends Connection {
  query(text: string): void;
  sendCopyFail(message: string): void;
}

/**
 * A text sent as one simple query (PostgreSQL manual 53.2.2.1), watched message by message.
 * The driver's own query keeps every row and forgets, on an error, what came before it;
 * a deployment needs the opposite.
 */
export class SimpleQuery implements Submittable {
  readonly done: Promise<void>;
  readonly #text: string;
  readonly #observer: Observer;
  #resolve: () => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(text: string, observer: Observer = {}) {
    this.#text = text;
    this.#observer = observer;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever sent the query awaits `done`; this only keeps a rejection that comes first from ending the process.
    this.done.catch(() => {});
  }

  submit(connection: Connection): void {
    (connection as WireConnection).query(this.#text);
  }

  handleRowDescription(): void {}

  handleDataRow(message: { readonly fields: TextRow }): void {
    this.#observer.onRow?.(message.fields);
  }

  handleCommandComplete(message: { readonly text: string }): void {
    this.#observer.onComplete?.(message.text);
  }

  handleEmptyQuery(): void {}

  handlePortalSuspended(): void {}

  handleCopyInResponse(connection: Connection): void {
    (connection as WireConnection).sendCopyFail('a deployment file cannot be fed rows from outside');
  }

  handleCopyData(): void {}

  handleError(error: Error): void {
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    this.#resolve();
  }
}
