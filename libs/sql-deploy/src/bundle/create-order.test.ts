import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bundleFromFiles } from './bundle-from-files.ts';
import { createOrder } from './create-order.ts';

function orderOf(files: Record<string, string>): string[] {
  const bundle = bundleFromFiles(Object.entries(files).map(([path, content]) => ({ path, content })));
  return createOrder(bundle.files).map((file) => file.path);
}

test('sub-folders in natural order, files bytewise or by order.json', () => {
  expect(
    orderOf({
      'create/10-seed/a.sql': '',
      'create/2-indexes/b.sql': '',
      'create/2-indexes/a.sql': '',
      'create/2-indexes/Z.sql': '',
      'create/1-tables/a.sql': '',
      'create/1-tables/b.sql': '',
      'create/1-tables/order.json': '\ufeff{"b.sql": 5, "a.sql": 30}',
      'deployment/00000-x.sql': '',
    }),
  ).toEqual([
    'create/1-tables/b.sql',
    'create/1-tables/a.sql',
    'create/2-indexes/Z.sql',
    'create/2-indexes/a.sql',
    'create/2-indexes/b.sql',
    'create/10-seed/a.sql',
  ]);
});

test('any permutation that an order.json gives is the order of the files', () => {
  const names = fc.uniqueArray(
    fc.stringMatching(/^[a-z][a-zé_ 0-9-]{0,6}$/).map((name) => `${name}.sql`),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(names, fc.nat({ max: 1000 }), (order, step) => {
      const manifest = JSON.stringify(Object.fromEntries(order.map((name, index) => [name, 1 + index * (step + 1)])));
      const files = [...order].sort().map((name) => [`create/1-a/${name}`, ''] as const);
      expect(orderOf({ ...Object.fromEntries(files), 'create/1-a/order.json': manifest })).toEqual(
        order.map((name) => `create/1-a/${name}`),
      );
    }),
  );
});
