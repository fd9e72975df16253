import { expect, test } from 'vitest';
import { timeScale } from './time-scale.ts';

const HOUR = 3_600_000;

test('is even where work goes on from beginning to end', () => {
  const scale = timeScale({ from: 0, to: 1000 }, 0, [{ from: 0, to: 1000 }]);
  expect(scale.at(0)).toBe(0);
  expect(scale.at(250)).toBeCloseTo(0.25);
  expect(scale.at(1000)).toBe(1);
  expect(scale.breaks).toEqual([]);
  expect(scale.ticks.map(({ label }) => label)).toEqual(['0', '200 ms', '400 ms', '600 ms', '800 ms', '1 s']);
});

test('draws a long wait as a break, so that two seconds of work behind an hour can be read', () => {
  const start = HOUR;
  const scale = timeScale({ from: 0, to: start + 2000 }, start, [
    { from: start, to: start + 1000 },
    { from: start + 1010, to: start + 2000 },
  ]);
  expect(scale.breaks).toHaveLength(1);
  expect(scale.breaks[0]).toMatchObject({ from: 0, durationMs: HOUR });
  expect(scale.breaks[0]?.to).toBeCloseTo(0.074, 3);
  expect(scale.at(start + 1000)).toBeCloseTo(0.537, 3);
  expect(scale.ticks.map(({ label }) => label)).toEqual(['0', '500 ms', '1 s', '1.5 s', '2 s']);
});

test('keeps the order of moments, and stays between 0 and 1', () => {
  const scale = timeScale({ from: 0, to: 100_000 }, 0, [
    { from: 50_000, to: 50_010 },
    { from: 20_000, to: 20_100 },
    { from: 20_050, to: 20_090 },
  ]);
  const places = [-5, 0, 10, 20_000, 20_050, 20_100, 30_000, 50_000, 50_010, 100_000, 200_000].map(scale.at);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places.at(0)).toBe(0);
  expect(places.at(-1)).toBeCloseTo(1, 9);
});

test('is there before anything has begun', () => {
  const scale = timeScale({ from: 5, to: 5 }, 5, []);
  expect(scale.at(5)).toBe(0);
  expect(Number.isFinite(scale.at(6))).toBe(true);
});

test('no two ticks run into each other', () => {
  const scale = timeScale(
    { from: 0, to: 10 * HOUR },
    0,
    Array.from({ length: 40 }, (_, n) => ({ from: n * 900_000, to: n * 900_000 + 100 })),
  );
  const places = scale.ticks.map(({ at }) => at);
  for (const [index, at] of places.slice(1).entries()) expect(at - (places[index] ?? 0)).toBeGreaterThanOrEqual(0.1);
});
