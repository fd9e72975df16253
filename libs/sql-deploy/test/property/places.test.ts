import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { longRun } from '../../../../test-support/long-run.ts';
import type { BundleFile } from '../../src/bundle/bundle.ts';
import { bundleFromFiles } from '../../src/bundle/bundle-from-files.ts';
import { buildGroup, type Group } from '../../src/execute/group.ts';
import { SentText } from '../../src/execute/sent-text.ts';
import type { Script } from '../../src/sql/script.ts';
import { ScriptReader } from '../../src/sql/script-reader.ts';
import { caretLines, countCodePoints, positionAtByte, utf16Index } from '../../src/sql/source-position.ts';

/** The ways between bytes, characters, UTF-16 and lines, held against the simplest ways there are. */

const numRuns = longRun ? 20_000 : 1_000;

const characters = fc.constantFrom('a', ' ', '\t', '\n', '\r\n', 'é', '日', '🙂', '\u0301', ';', "'", 'x'.repeat(300));
const text = fc.array(characters, { maxLength: 30 }).map((parts) => parts.join(''));

/** Walks the characters one by one. */
function naivePosition(content: string, characterIndex: number): { line: number; column: number } {
  let line = 1;
  let column = 1;
  for (const character of [...content].slice(0, characterIndex)) {
    if (character === '\n') {
      line++;
      column = 1;
    } else column++;
  }
  return { line, column };
}

describe('a place in a file', () => {
  test('has the line and column that counting character by character gives', () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.boolean(), (content, at, mark) => {
        const letters = [...content];
        const index = at % (letters.length + 1);
        const offset = Buffer.byteLength(letters.slice(0, index).join('')) + (mark ? 3 : 0);
        const { line, column, sourceLine } = positionAtByte(Buffer.from(`${mark ? '\ufeff' : ''}${content}`), offset);
        expect({ line, column }).toEqual(naivePosition(content, index));
        const whole = [...(content.split('\n')[line - 1] ?? '').replace(/\r$/, '')];
        // All of it, or enough that the column stands in it.
        expect(sourceLine).toBe(whole.slice(0, Math.max(500, column + 100)).join(''));
      }),
      { numRuns },
    );
  });

  test('is shown by a caret that stands as far right as the column says, tabs kept', () => {
    fc.assert(
      fc.property(
        text.map((one) => one.replaceAll(/[\r\n]/g, '')),
        fc.nat(),
        (line, at) => {
          const column = (at % (countCodePoints(line) + 1)) + 1;
          const [shown, caret] = caretLines(line, column);
          expect(shown).toBe(line);
          expect(caret).toHaveLength(column);
          expect(caret).toMatch(/^[ \t]*\^$/);
        },
      ),
      { numRuns },
    );
  });

  test('is the same character in code points and in UTF-16', () => {
    fc.assert(
      fc.property(text, fc.nat(), (content, at) => {
        const letters = [...content];
        const index = at % (letters.length + 1);
        expect(countCodePoints(content)).toBe(letters.length);
        expect(utf16Index(content, index)).toBe(letters.slice(0, index).join('').length);
      }),
      { numRuns },
    );
  });
});

interface Located {
  readonly file: BundleFile;
  readonly script: Script;
  readonly group: Group;
}

/** Files with a word that stands only once in them, which a server's error could point at. */
const statement = fc
  .tuple(fc.constantFrom('', '-- é 🙂;\n', '/* 日本; */ ', '\n\n', '\t'), fc.constantFrom('é', '🙂🙂', "''", 'plain'))
  .map(([before, inside]) => `${before}insert into t values ('${inside}', wanted);`);

const content = fc
  .tuple(
    fc.constantFrom('', '\ufeff'),
    fc.constantFrom(['', ''], ['begin;', '\ncommit;'], ['-- ü\nbegin work /* 日 */;', 'end -- 🙂']),
    fc.array(statement, { minLength: 1, maxLength: 5 }),
  )
  .map(([mark, [open, close], statements]) => `${mark}${open}${statements.join('\n')}${close}`);

async function locatedOf(path: string, body: string, isFirst: boolean, lasting: boolean): Promise<Located> {
  const [file] = bundleFromFiles([{ path, content: body }]).files;
  if (file === undefined) throw new Error('no file');
  const script = await new ScriptReader().read(file);
  const context = {
    appliedBy: 'é 🙂',
    deploymentId: null,
    legacyTable: null,
    runId: null,
    pinSql: 'SELECT 1',
    hasEventTriggers: false,
    prepares: true,
    pins: { user: 'postgres', searchPath: 'public', lockTimeoutMs: 5000 },
  };
  const place = { isFirst, next: null, durable: lasting ? 'on' : null, guarded: lasting };
  return { file, script, group: buildGroup(file, script, context, place) };
}

/** Every place of a word in a text, as the server counts: characters, from 1. */
function serverPositions(sent: string, word: string): number[] {
  const found: number[] = [];
  for (let i = sent.indexOf(word); i !== -1; i = sent.indexOf(word, i + 1))
    found.push(Array.from(sent.slice(0, i)).length + 1);
  return found;
}

function byteOffsets(bytes: Uint8Array, word: string): number[] {
  const found: number[] = [];
  const buffer = Buffer.from(bytes);
  for (let i = buffer.indexOf(word); i !== -1; i = buffer.indexOf(word, i + 1)) found.push(i);
  return found;
}

describe('a place that the server names', () => {
  test('leads back to the byte of its file, in a text of several files', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(content, { minLength: 1, maxLength: 4 }), async (contents) => {
        const located = await Promise.all(
          contents.map((body, i) => locatedOf(`deployment/0000${i}-ü.sql`, body, i === 0, i === contents.length - 1)),
        );
        const sent = SentText.ofBatch(located.map(({ group }) => group));
        const expected = located.flatMap(({ file }, group) =>
          byteOffsets(file.bytes, 'wanted').map((byteOffset) => ({ group, byteOffset })),
        );
        expect(serverPositions(sent.text, 'wanted').map((position) => sent.locate(position))).toEqual(expected);
      }),
      { numRuns: Math.ceil(numRuns / 5) },
    );
  });

  test('leads to no file when it lies in what surrounds them', async () => {
    const { group } = await locatedOf('deployment/00000-a.sql', 'select 1;', true, true);
    const sent = SentText.ofBatch([group]);
    expect(sent.locate(1)).toBeNull();
    expect(sent.locate(sent.text.length)).toBeNull();
  });

  test('leads back to the byte in a file that is sent in several texts', async () => {
    const filler = `-- é 🙂 ${'long; '.repeat(4000)}\n`;
    const body = `\ufeff${Array.from({ length: 20 }, (_, i) => `${filler}select ${i}, wanted;`).join('\n')}`;
    const { file, script, group } = await locatedOf('deployment/00000-a.sql', body, true, true);
    expect(script.chunks.length).toBeGreaterThan(2);
    const found = [...SentText.ofLargeFile(group)].flatMap((sent) =>
      serverPositions(sent.text, 'wanted').map((position) => sent.locate(position)?.byteOffset),
    );
    expect(found).toEqual(byteOffsets(file.bytes, 'wanted'));
  });
});
