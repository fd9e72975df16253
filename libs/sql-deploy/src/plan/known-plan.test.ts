import { describe, expect, it } from 'vitest';
import { bundleFromFiles } from '../bundle/bundle-from-files.ts';
import { planFromKnown } from './known-plan.ts';

const BUNDLE = bundleFromFiles([
  { path: 'create/1-tables/a.sql', content: 'SELECT 1;' },
  { path: 'create/1-tables/b.sql', content: 'SELECT 2;' },
  { path: 'create/1-tables/order.json', content: '{"b.sql": 1, "a.sql": 2}' },
  { path: 'deployment/00000-x.sql', content: 'SELECT 3;' },
  { path: 'deployment/00001-y.sql', content: 'SELECT 4;' },
]);
const digestOf = (path: string): string => BUNDLE.files.find((file) => file.path === path)?.sha256 ?? '';
const paths = (...args: Parameters<typeof planFromKnown>): string[] =>
  planFromKnown(...args).steps.map(({ path }) => path);

describe('a plan from what is known', () => {
  it('lacks what the ledger has', () => {
    const files = [{ path: 'deployment/00000-x.sql', sha256: digestOf('deployment/00000-x.sql') }];
    expect(planFromKnown(BUNDLE, 'deployment', { create: 'not_started', files })).toEqual({
      steps: [{ path: 'deployment/00001-y.sql', sha256: digestOf('deployment/00001-y.sql') }],
      stop: null,
    });
  });

  it('is all of the folder, in its order, for a target that nobody has seen', () => {
    expect(paths(BUNDLE, 'create', null)).toEqual(['create/1-tables/b.sql', 'create/1-tables/a.sql']);
    expect(paths(BUNDLE, 'deployment', null)).toEqual(['deployment/00000-x.sql', 'deployment/00001-y.sql']);
  });

  it('says why there would be none', () => {
    const files = [{ path: 'deployment/00000-x.sql', sha256: 'f'.repeat(64) }];
    expect(planFromKnown(BUNDLE, 'deployment', { create: 'not_started', files })).toMatchObject({
      steps: [],
      stop: { code: 'changed_file' },
    });
  });
});
