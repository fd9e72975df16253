import { expect, test } from 'vitest';
import { createControlDatabase } from '../../../test-support/control-database.ts';
import { anyServer } from '../../../test-support/servers.ts';
import { inTransaction, isDatabaseUnavailable } from '../src/database/control-database.ts';

test('a connection that is cut between two statements fails its transaction, and not the process', async () => {
  const db = await createControlDatabase(anyServer());
  try {
    const cut = inTransaction(db.control, async (transaction) => {
      const { rows } = await transaction.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      // The transaction is a connection of the pool: it says when it is gone.
      const connection = transaction as unknown as NodeJS.EventEmitter;
      // Not by `once` of node:events, which would listen to errors, too.
      const gone = new Promise<void>((resolve) => void connection.once('end', resolve));
      await db.database.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
      await gone;
      await transaction.query('SELECT 1');
    });
    const error: unknown = await cut.catch((reason: unknown) => reason);
    expect(isDatabaseUnavailable(error)).toBe(true);
    const { rows } = await inTransaction(db.control, (transaction) => transaction.query('SELECT 1 AS one'));
    expect(rows).toEqual([{ one: 1 }]);
    // A connection that is used again and again is listened to once.
    const listeners = await inTransaction(db.control, (transaction) =>
      Promise.resolve((transaction as unknown as NodeJS.EventEmitter).listenerCount('error')),
    );
    expect(listeners).toBe(1);
  } finally {
    await db.drop();
  }
});
