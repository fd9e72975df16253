import { expect, it } from 'vitest';
import { readEnvironment } from './config.ts';

it('takes an empty variable as not set', () => {
  expect(readEnvironment({ POSTGRES_DSN: '', FUNCTION: ' ', DRY_RUN: 'true' })).toMatchObject({
    postgresDsn: null,
    function: null,
    dryRun: 'true',
  });
});

it.each([
  [{}, 'auto'],
  [{ NO_COLOR: '1' }, 'never'],
  [{ NO_COLOR: '' }, 'auto'],
  [{ FORCE_COLOR: '1' }, 'always'],
  [{ FORCE_COLOR: '0' }, 'auto'],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, 'never'],
])('colours with %o: %s', (env, color) => {
  expect(readEnvironment(env).color).toBe(color);
});
