import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryRoot } from '../test-support/temporary-root.ts';
import { findDocFaults } from './check-docs.mjs';

const SOUND = {
  'package.json': '{"scripts": {"check": ""}}',
  'libs/sql-deploy/src/errors.ts': `export type ErrorCode =\n  // one's input\n  | 'dsn_invalid';\n`,
  'libs/sql-deploy/src/validate/problem.ts': `export type RuleName = 'file-name' | 'syntax';\n`,
  'libs/control-plane/src/errors.ts': `export type ControlPlaneErrorCode = 'target_unknown';\n`,
  'apps/api/src/http/problem.ts': `export type RequestErrorCode = 'key_missing';\n`,
  'docs/errors.md': '# Errors\n\n## `dsn_invalid`\n\n## `file-name` and `syntax`\n\n`target_unknown`, `key_missing`\n',
  'README.md': 'See [errors](docs/errors.md#file-name-and-syntax), [a site](https://example.org). `npm run check`.\n',
};

/**
 * The faults of a sound repository that is changed by the given files.
 * @param {Record<string, string>} changed
 */
async function faultsWith(changed) {
  const root = await temporaryRoot({ ...SOUND, ...changed });
  onTestFinished(() => root.remove());
  return findDocFaults(root.path);
}

describe('findDocFaults', () => {
  test('finds nothing in a sound repository', async () => {
    expect(await faultsWith({})).toEqual([]);
  });

  test('finds codes and rules that the page of errors leaves out', async () => {
    expect(
      await faultsWith({
        'docs/errors.md': '## `dsn_invalid` `target_unknown` `key_missing`\n\n## `file-name and syntax`\n',
      }),
    ).toEqual([
      'docs/errors.md does not explain `file-name` (RuleName in libs/sql-deploy/src/validate/problem.ts).',
      'docs/errors.md does not explain `syntax` (RuleName in libs/sql-deploy/src/validate/problem.ts).',
    ]);
  });

  test('finds a link to a file or a heading that is not there', async () => {
    const faults = await faultsWith({
      'docs/more.md': '[a](gone.md) [b](errors.md#nothing) [c](../../outside.md) [d](#here)\n[e]: ../gone.md\n',
    });
    expect(faults).toEqual([
      'docs/more.md links to gone.md, which is not there.',
      'docs/more.md links to errors.md#nothing, which is not there.',
      'docs/more.md links to ../../outside.md, which is not there.',
      'docs/more.md links to #here, which is not there.',
      'docs/more.md links to ../gone.md, which is not there.',
    ]);
  });

  test('takes code for code', async () => {
    expect(await faultsWith({ 'docs/more.md': '```\n[a](gone.md)\n```\n`array[1](2)`\n' })).toEqual([]);
  });

  test('finds a script that package.json does not have', async () => {
    expect(await faultsWith({ 'docs/more.md': '```\nnpm run chekc\n```\n' })).toEqual([
      'docs/more.md names `npm run chekc`, which package.json does not have.',
    ]);
  });

  test('says so when a union can no longer be read', async () => {
    expect(await faultsWith({ 'libs/sql-deploy/src/errors.ts': 'export const ERROR_CODES = [];' })).toEqual([
      'libs/sql-deploy/src/errors.ts has no union ErrorCode of strings that this check can read.',
    ]);
  });
});
