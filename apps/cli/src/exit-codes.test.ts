import { expect, it } from 'vitest';
import { exitCodeOf, exitCodeOfSignal } from './exit-codes.ts';
import { statusOfStop } from './stop.ts';

it.each([
  ['succeeded', null, 0],
  ['nothing_to_do', null, 0],
  ['failed', 'sql_error', 1],
  ['refused', 'dsn_invalid', 2],
  ['refused', 'folder_missing', 2],
  ['refused', 'usage', 2],
  ['invalid', null, 3],
  ['refused', 'unreachable', 4],
  ['refused', 'changed_file', 4],
  ['busy', 'lock_busy', 4],
  ['needs_attention', 'unfinished_step', 5],
] as const)('%s with %s is %i', (status, code, exitCode) => {
  expect(exitCodeOf(status, code)).toBe(exitCode);
});

it('counts signals as shells do', () => {
  expect([exitCodeOfSignal('SIGHUP'), exitCodeOfSignal('SIGINT'), exitCodeOfSignal('SIGTERM')]).toEqual([
    129, 130, 143,
  ]);
});

it('gives thrown errors the status of their kind', () => {
  expect(statusOfStop('lock_busy')).toBe('busy');
  expect(statusOfStop('unfinished_step')).toBe('needs_attention');
  expect(statusOfStop('defect')).toBe('failed');
  expect(statusOfStop('authentication_failed')).toBe('refused');
});
