import type { Client } from 'pg';
import { type Observer, SimpleQuery, type TextRow } from './simple-query.ts';

/** A notice of the server. */
export interface Notice {
  readonly severity: string;
  readonly message: string;
  readonly routine: string;
}

/**
 * One raw connection to a target. It holds the lock and runs the SQL, so that losing the one is losing the other.
 * Every text goes out as a simple query.
 */
export class Session {
  /** The server process behind this connection, as it names itself. */
  backendPid = 0;
  onNotice: (notice: Notice) => void = () => {};
  readonly #client: Client;
  #lost: Error | null = null;
  #active: Promise<void> | null = null;

  /** @param client connected */
  constructor(client: Client) {
    this.#client = client;
    client.on('error', (error) => {
      this.#lost ??= error;
    });
    client.on('end', () => {
      this.#lost ??= new Error('the server closed the connection');
    });
    client.on('notice', (notice) => {
      this.onNotice({
        severity: notice.severity ?? 'NOTICE',
        message: notice.message ?? '',
        routine: notice.routine ?? '',
      });
    });
  }

  /** Why the connection is gone, or null while it stands. */
  get lost(): Error | null {
    return this.#lost;
  }

  /** Settles when the text that is running now has ended, well or badly; at once when none is. */
  async idle(): Promise<void> {
    await this.#active?.catch(() => {});
  }

  /**
   * Runs a text of any number of statements.
   * @throws the server's error, or the network's
   */
  async run(text: string, observer: Observer = {}): Promise<void> {
    if (this.#lost !== null) throw this.#lost;
    const query = new SimpleQuery(text, observer);
    this.#client.query(query);
    this.#active = query.done;
    try {
      await query.done;
    } finally {
      this.#active = null;
    }
  }

  /** Runs a text and gives the rows of each of its statements, values as text. */
  async rows(text: string): Promise<TextRow[][]> {
    const results: TextRow[][] = [];
    let rows: TextRow[] = [];
    await this.run(text, {
      onRow: (row) => rows.push(row),
      onComplete: () => {
        results.push(rows);
        rows = [];
      },
    });
    return results;
  }

  /** Runs one statement that gives one row. */
  async row(text: string): Promise<TextRow> {
    const [rows] = await this.rows(text);
    return rows?.[0] ?? [];
  }

  /** Ends the connection; the server lets go of the lock. Does not wait for a network that does not answer. */
  async close(): Promise<void> {
    const ended = this.#client.end().catch(() => {});
    const timer = new Promise((resolve) => setTimeout(resolve, 2000).unref());
    await Promise.race([ended, timer]);
  }
}
