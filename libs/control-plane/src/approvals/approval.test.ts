import { describe, expect, it, test } from 'vitest';
import { type Approval, departureFrom, withDigest } from './approval.ts';

const step = (name: string, sha256 = name) => ({ path: `deployment/${name}.sql`, sha256 });
const HERE = 'db:5432/shop as app';
/** What departs; of the address only where it does. */
const departs = (
  approval: Parameters<typeof departureFrom>[0],
  steps: readonly ReturnType<typeof step>[],
  appliedEarlier: readonly ReturnType<typeof step>[],
) => {
  const departure = departureFrom(approval, { address: HERE, steps, appliedEarlier });
  if (departure === null) return null;
  const { address, ...files } = departure;
  expect(address).toBeNull();
  return files;
};
const approved = (names: readonly string[], basis: Approval['basis'] = 'ledger') => ({
  address: HERE,
  basis,
  steps: names.map((name) => step(name)),
});
const paths = (...names: string[]) => names.map((name) => `deployment/${name}.sql`);

describe('what may run of what was approved', () => {
  it('is exactly that', () => {
    expect(departs(approved(['a', 'b']), [step('a'), step('b')], [])).toBeNull();
    expect(departs(approved([]), [], [])).toBeNull();
  });

  it.each([
    ['a file more', [step('a'), step('b'), step('c')], { notApproved: paths('c'), notPlanned: [] }],
    ['a file fewer', [step('a')], { notApproved: [], notPlanned: paths('b') }],
    ['other bytes', [step('a'), step('b', 'x')], { notApproved: paths('b'), notPlanned: paths('b') }],
    ['another order', [step('b'), step('a')], { notApproved: paths('a'), notPlanned: paths('a') }],
    ['a file before', [step('0'), step('a'), step('b')], { notApproved: paths('0'), notPlanned: [] }],
  ])('is not %s', (_, planned, departure) => {
    expect(departs(approved(['a', 'b']), planned, [])).toEqual(departure);
  });

  it('is the rest after an attempt that applied a part', () => {
    expect(departs(approved(['a', 'b', 'c']), [step('b'), step('c')], [step('a')])).toBeNull();
    expect(departs(approved(['a', 'b', 'c']), [step('a'), step('c')], [step('b')])).toBeNull();
    expect(departs(approved(['a', 'b', 'c']), [step('c')], [step('a')])).toEqual({
      notApproved: [],
      notPlanned: paths('b'),
    });
    expect(departs(approved(['a', 'b']), [step('b'), step('c')], [step('a')])).toMatchObject({
      notApproved: paths('c'),
    });
  });

  it('is any part, in order, where nobody had seen the target', () => {
    const all = approved(['a', 'b', 'c'], 'never_seen');
    for (const some of [['a', 'b', 'c'], ['b'], ['a', 'c'], []]) {
      expect(
        departs(
          all,
          some.map((name) => step(name)),
          [],
        ),
        some.join(),
      ).toBeNull();
    }
    expect(departs(all, [step('b'), step('d')], [])).toEqual({ notApproved: paths('d'), notPlanned: [] });
    expect(departs(all, [step('c'), step('a')], [])).toEqual({ notApproved: paths('a'), notPlanned: [] });
  });
});

test('an approval is for the address that was shown', () => {
  expect(departureFrom(approved(['a']), { address: 'elsewhere', steps: [step('a')], appliedEarlier: [] })).toEqual({
    notApproved: [],
    notPlanned: [],
    address: { approved: HERE, now: 'elsewhere' },
  });
});

describe('the digest of a plan', () => {
  const content = {
    target: 'customer-1',
    address: HERE,
    bundle: 'b',
    mode: 'deployment',
    onError: 'stop',
    resolution: null,
    basis: 'ledger',
    steps: [step('a')],
    stop: null,
  } as const;

  it('is another for anything that would be done differently, and the same wherever the plan comes from', () => {
    const digest = withDigest(content).plan;
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(withDigest({ ...content, basis: 'worker' }).plan).toBe(digest);
    const others = [
      { ...content, target: 'customer-2' },
      { ...content, address: 'elsewhere' },
      { ...content, bundle: 'c' },
      { ...content, mode: 'create' as const },
      { ...content, onError: 'continue' as const },
      { ...content, resolution: { file: 'f', outcome: 'applied' as const } },
      { ...content, basis: 'never_seen' as const },
      { ...content, steps: [] },
      { ...content, steps: [step('a', 'other bytes')] },
    ].map((other) => withDigest(other).plan);
    expect(new Set([digest, ...others]).size).toBe(others.length + 1);
  });
});
