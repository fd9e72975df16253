import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDuration, type Durations, slowestTwentiethMs } from './durations.ts';
import { DEFAULT_WAVES, planWaves } from './plan-waves.ts';

const targets = (count: number, labels: Record<string, string> = {}) =>
  Array.from({ length: count }, (_, i) => ({ name: `t${i}`, labels: { ...labels, odd: String(i % 2) } }));
const sizes = (count: number, ...waves: Parameters<typeof planWaves>[1]) =>
  planWaves(targets(count), waves).waves.map((wave) => wave.targets.length);

describe('waves', () => {
  test('are a canary, a tenth and the rest, when nothing is said', () => {
    expect(sizes(40, ...DEFAULT_WAVES)).toEqual([1, 4, 35]);
    expect(sizes(1000, ...DEFAULT_WAVES)).toEqual([1, 100, 899]);
    expect(sizes(2, ...DEFAULT_WAVES)).toEqual([1, 1]);
    expect(sizes(1, ...DEFAULT_WAVES)).toEqual([1]);
  });

  test('take by labels what no earlier one has taken', () => {
    const { waves } = planWaves(targets(5), [{ count: 2 }, { selector: { odd: ['1', '7'] } }, 'rest']);
    expect(waves.map((wave) => wave.targets.map(({ name }) => name))).toEqual([['t0', 't1'], ['t3'], ['t2', 't4']]);
  });

  test('tell what is wrong with them', () => {
    expect(planWaves(targets(9), [{ count: 1 }, { selector: { odd: '3' } }, { percent: 10 }]).faults).toEqual([
      { wave: 1, message: 'None of the targets that are left for it has these labels.' },
      { wave: null, message: 'No wave takes t2, t3, t4, t5, t6 and 2 more: let the last one be "rest".' },
    ]);
  });

  test('deal out each target once', () => {
    const selection = fc.oneof(
      fc.record({ count: fc.integer({ min: 1, max: 50 }) }),
      fc.record({ percent: fc.integer({ min: 1, max: 100 }) }),
      fc.constant({ selector: { odd: '1' } }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.array(selection, { maxLength: 8 }), (count, selections) => {
        const { waves } = planWaves(targets(count), [...selections, 'rest']);
        expect(waves.flatMap((wave) => wave.targets.map(({ name }) => name)).sort()).toEqual(
          targets(count)
            .map(({ name }) => name)
            .sort(),
        );
        expect(waves.every((wave) => wave.targets.length > 0)).toBe(true);
      }),
    );
  });
});

test('the slowest twentieth is never told too short, and by a fifth too long at most', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100_000_000 }), { minLength: 1, maxLength: 300 }), (times) => {
      const durations = times.reduce<Durations>((sum, ms) => addDuration(sum, ms), {});
      const sorted = times.sort((a, b) => b - a);
      const truth = sorted[Math.floor(sorted.length / 20)] ?? 0;
      const told = slowestTwentiethMs(durations) ?? 0;
      expect(told).toBeGreaterThanOrEqual(truth);
      expect(told).toBeLessThanOrEqual(Math.ceil(truth * 1.2001) + 1);
    }),
  );
  expect(slowestTwentiethMs({})).toBe(null);
});
