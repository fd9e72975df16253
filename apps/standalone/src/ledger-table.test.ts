import { expect, test } from 'vitest';
import { formatTable } from './ledger-table.ts';

test('columns are as wide as what they hold, and numbers stand to the right', () => {
  const rows = [
    ['create/1-tables/a.sql', 'run', '12.5'],
    ['b.sql', 'baseline', ''],
  ];
  expect(formatTable(['file', 'origin', 'ms'], rows).split('\n')).toEqual([
    'file                   origin      ms',
    '─────────────────────  ────────  ────',
    'create/1-tables/a.sql  run       12.5',
    'b.sql                  baseline',
  ]);
});
