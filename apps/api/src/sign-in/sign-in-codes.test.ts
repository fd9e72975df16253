import { afterEach, expect, test, vi } from 'vitest';
import { SignInCodes } from './sign-in-codes.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('a code is taken once', () => {
  const codes = new SignInCodes();
  const code = codes.make();
  expect(codes.take(`${code.slice(0, -1)}${code.endsWith('A') ? 'B' : 'A'}`)).toBe(false);
  expect(codes.take(code)).toBe(true);
  expect(codes.take(code)).toBe(false);
});

test('a code is good for fifteen minutes', () => {
  vi.useFakeTimers();
  const codes = new SignInCodes();
  const [inTime, late] = [codes.make(), codes.make()];
  vi.advanceTimersByTime(15 * 60_000 - 1);
  expect(codes.take(inTime)).toBe(true);
  vi.advanceTimersByTime(1);
  expect(codes.take(late)).toBe(false);
});

test('no more than twenty are kept', () => {
  const codes = new SignInCodes();
  const made = Array.from({ length: 21 }, () => codes.make());
  expect(made.map((code) => codes.take(code))).toEqual([false, ...Array.from({ length: 20 }, () => true)]);
});

test.each(['', 'x', '__proto__', 'a'.repeat(100_000)])('what has not the form of a code is none', (given) => {
  expect(new SignInCodes().take(given)).toBe(false);
});
