import { expect, test } from 'vitest';
import { showFile } from './show-file.ts';

const PLAIN = { transactional: true, statementCount: 1 };
const file = (bytes: Uint8Array, sizeBytes = bytes.length) => ({
  path: 'deployment/00000-a.sql',
  sha256: 's',
  sizeBytes,
  head: bytes,
});

test('a text is shown as it is, with how it would be run', async () => {
  const shown = await showFile(file(Buffer.from('\uFEFFSELECT ’é’;\r\n')), [], () => Promise.resolve(PLAIN));
  expect(shown).toMatchObject({ text: '\uFEFFSELECT ’é’;\r\n', truncated: false, verdict: PLAIN });
});

test('of a long one the first part is shown, and no half of a character', async () => {
  const bytes = Buffer.from('aé');
  expect(await showFile(file(bytes.subarray(0, 2), 3), [], () => Promise.resolve(PLAIN))).toMatchObject({
    text: 'a',
    truncated: true,
    verdict: null,
  });
});

test('what is not UTF-8 has no text', async () => {
  for (const bytes of [Buffer.from([0x61, 0xff]), Buffer.from('é').subarray(0, 1)]) {
    expect(await showFile(file(bytes), [], () => Promise.resolve(PLAIN))).toMatchObject({ text: null, verdict: null });
  }
});

test('a file’s own problems are shown, and then nothing of how it would be run', async () => {
  const problem = {
    rule: 'syntax',
    path: 'deployment/00000-a.sql',
    line: 1,
    column: 1,
    message: '',
    hint: '',
    sourceLine: null,
  } as const;
  const problems = [problem, { ...problem, path: 'deployment/00001-b.sql' }];
  const shown = await showFile(file(Buffer.from('x')), problems, () => Promise.resolve(PLAIN));
  expect(shown).toMatchObject({ problems: [problem], verdict: null });
});
