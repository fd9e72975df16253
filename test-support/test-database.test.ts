import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeEachServer } from './servers.ts';
import { temporaryRoot } from './temporary-root.ts';
import { createTestDatabase } from './test-database.ts';

describeEachServer('a test database', (server) => {
  test('is empty, speaks UTF-8 in the C locale, and belongs to its test', async () => {
    const database = await createTestDatabase(server);
    onTestFinished(() => database.drop());
    const other = await createTestDatabase(server);
    onTestFinished(() => other.drop());
    await database.query('create table here (a int)');

    const [tables] = await other.query<{ count: number }>(
      `select count(*)::int as count from pg_tables where schemaname = 'public'`,
    );
    const [database_] = await database.query<{ datname: string; encoding: string; datcollate: string }>(
      'select datname, pg_encoding_to_char(encoding) as encoding, datcollate from pg_database where datname = $1',
      [database.name],
    );

    expect(tables).toEqual({ count: 0 });
    expect(database_).toEqual({ datname: database.name, encoding: 'UTF8', datcollate: 'C' });
  });

  test('goes, whoever is still connected', async () => {
    const database = await createTestDatabase(server);
    await database.query('select 1');
    await database.connect();
    await database.drop();

    const other = await createTestDatabase(server);
    onTestFinished(() => other.drop());
    expect(await other.query('select 1 from pg_database where datname = $1', [database.name])).toEqual([]);
  });
});

test('a temporary root holds what it was given, and goes', async () => {
  const root = await temporaryRoot({ 'create/1-tables/a.sql': 'select 1;', 'deployment/': '' });
  expect(readFileSync(join(root.path, 'create/1-tables/a.sql'), 'utf8')).toBe('select 1;');
  expect(existsSync(join(root.path, 'deployment'))).toBe(true);
  await root.remove();
  expect(existsSync(root.path)).toBe(false);
});
