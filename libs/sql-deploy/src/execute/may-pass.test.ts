import { expect, test } from 'vitest';
import type { ErrorCode } from '../errors.ts';
import { plainFailure } from './failure.ts';
import { mayPass } from './may-pass.ts';

test.each<[ErrorCode, boolean]>([
  ['unreachable', true],
  ['lock_timeout', true],
  ['connection_lost', true],
  ['authentication_failed', false],
  ['database_missing', false],
  ['tls_failed', false],
  ['permission_missing', false],
  ['lock_busy', false],
  ['cancelled', false],
  ['sql_error', false],
  ['unfinished_step', false],
])('a failure %s may pass by itself: %s', (code, passes) => {
  expect(mayPass(plainFailure(code, '', ''))).toBe(passes);
});
