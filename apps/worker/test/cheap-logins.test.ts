import { createRequire } from 'node:module';
import pg from 'pg';
import { expect, test } from 'vitest';
import { anyServer } from '../../../test-support/servers.ts';
import { makeLoginsCheap } from '../src/cheap-logins.ts';
import { createTestDatabase } from '../../../test-support/test-database.ts';

const driver = createRequire(import.meta.url)('pg/lib/crypto/utils.js') as {
  deriveKey: (password: string, salt: Uint8Array, iterations: number) => Promise<ArrayBuffer>;
  hmacSha256: (key: Uint8Array, message: string) => Promise<ArrayBuffer>;
  sha256: (bytes: Uint8Array) => Promise<ArrayBuffer>;
};

test('the driver connects with keys that are kept, and a changed password is not taken for the old one', async () => {
  const own = { ...driver };
  let derived = 0;
  driver.deriveKey = (...input) => {
    derived++;
    return own.deriveKey(...input);
  };
  // What is to be replaced must not be asked any more.
  driver.hmacSha256 = () => Promise.reject(new Error('the driver’s own'));
  driver.sha256 = () => Promise.reject(new Error('the driver’s own'));
  makeLoginsCheap();
  const database = await createTestDatabase(anyServer());
  try {
    const role = `salted_${process.pid}`;
    await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'first'`);
    const connect = async (password: string): Promise<void> => {
      const dsn = new URL(database.dsn);
      Object.assign(dsn, { username: role, password });
      const client = new pg.Client({ connectionString: dsn.href });
      await client.connect();
      await client.end();
    };
    derived = 0;
    await connect('first');
    await connect('first');
    expect(derived).toBe(1);
    await expect(connect('wrong')).rejects.toMatchObject({ code: '28P01' });
    await database.query(`ALTER ROLE ${role} PASSWORD 'second'`);
    await connect('second');
    await expect(connect('first')).rejects.toMatchObject({ code: '28P01' });
    await database.query(`DROP ROLE ${role}`);
  } finally {
    Object.assign(driver, own);
    await database.drop();
  }
});
