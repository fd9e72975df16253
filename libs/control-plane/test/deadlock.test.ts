import { expect, test } from 'vitest';
import { createControlDatabase } from '../../../test-support/control-database.ts';
import { anyServer } from '../../../test-support/servers.ts';
import { inTransaction } from '../src/database/control-database.ts';

test('two transactions that wait for each other are both carried out, each once', async () => {
  const db = await createControlDatabase(anyServer());
  try {
    await db.database.query('CREATE TABLE pair (id int PRIMARY KEY, n int)');
    await db.database.query('INSERT INTO pair VALUES (1, 0), (2, 0)');
    let arrived = 0;
    let tries = 0;
    const raise = (first: number, second: number) =>
      inTransaction(db.control, async (transaction) => {
        tries++;
        await transaction.query('UPDATE pair SET n = n + 1 WHERE id = $1', [first]);
        arrived++;
        // Only together do they make a ring.
        while (arrived < 2) await transaction.query('SELECT pg_sleep(0.01)');
        await transaction.query('UPDATE pair SET n = n + 1 WHERE id = $1', [second]);
      });
    await Promise.all([raise(1, 2), raise(2, 1)]);
    expect(tries).toBe(3);
    expect(await db.database.query('SELECT n FROM pair')).toEqual([{ n: 2 }, { n: 2 }]);
  } finally {
    await db.drop();
  }
});
