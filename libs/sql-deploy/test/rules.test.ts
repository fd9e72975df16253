import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAX_FILE_BYTES } from '../src/bundle/bundle.ts';
import { bundleFromFiles } from '../src/bundle/bundle-from-files.ts';
import { readBundle } from '../src/bundle/read-bundle.ts';
import type { Problem, RuleName } from '../src/validate/problem.ts';
import { validate, validateStructure } from '../src/validate/validate.ts';

const FIXTURES = join(import.meta.dirname, 'rules');

interface ExpectedProblem {
  readonly rule: RuleName;
  readonly path: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly messageIncludes?: string;
}

/** Every rule has a folder that is fine, and one in which each of its faults is made and no other. */
describe.each(readdirSync(FIXTURES))('rule %s', (rule) => {
  test('good/ has no problems', async () => {
    expect(await validate(await readBundle(join(FIXTURES, rule, 'good')))).toEqual([]);
  });

  test.runIf(existsSync(join(FIXTURES, rule, 'bad')))('bad/ has the problems of expected.json', async () => {
    const text = readFileSync(join(FIXTURES, rule, 'expected.json'), 'utf8');
    const expected = JSON.parse(text) as ExpectedProblem[];
    const problems = await validate(await readBundle(join(FIXTURES, rule, 'bad')));
    expect(problems.map(outline)).toEqual(expected.map(({ messageIncludes: _, ...rest }) => rest));
    expected.forEach(({ messageIncludes }, index) => {
      expect(problems[index]?.message).toContain(messageIncludes ?? '');
    });
    for (const problem of problems) expectWellTold(problem);
  });
});

function outline({ rule, path, line, column }: Problem): ExpectedProblem {
  return { rule, path, line, column };
}

function expectWellTold({ message, hint, line, sourceLine }: Problem): void {
  expect(message).toMatch(/^\S.*\.$/s);
  expect(hint).toMatch(/^\S.*\S$/s);
  expect(sourceLine === null).toBe(line === null);
}

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rules-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

async function problemsOf(files: Record<string, string | Uint8Array>): Promise<Problem[]> {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  const problems = await validate(await readBundle(root));
  for (const problem of problems) expectWellTold(problem);
  return problems;
}

describe('the three classic faults', () => {
  const files = {
    'deployment/00000-a.sql': 'select 1;',
    'deployment/00000-b.sql': 'select 1;',
    'deployment/00001-c.sql': 'select 1;',
    'deployment/00040-d.sql': 'select 1;',
    'deployment/my-change.sql': 'select 1;',
  };

  test('are three rules, and their hints can all be followed at once', async () => {
    const problems = await problemsOf(files);
    expect(problems.map(({ rule, path, message, hint }) => [rule, path, message, hint])).toEqual([
      [
        'ordinal-duplicate',
        'deployment/00000-b.sql',
        'Ordinal 00000 is taken already, by 00000-a.sql.',
        'Of the two, rename the one that has not been applied anywhere; if that is this file, to 00003-b.sql.',
      ],
      [
        'ordinal-gap',
        'deployment/00040-d.sql',
        'Ordinals 00002 to 00039 are missing before this file.',
        'Add the missing files, or rename this file to 00002-d.sql.',
      ],
      [
        'file-name',
        'deployment/my-change.sql',
        'The name is not of the form <5 digits>-<rest>.sql: it does not begin with an ordinal.',
        'Rename it to 00004-my-change.sql.',
      ],
    ]);
  });

  test('only the folders asked for are judged', async () => {
    await problemsOf(files);
    const bundle = await readBundle(root);
    expect(await validate(bundle, ['create', 'manual-deployment'])).toEqual([]);
    expect(validateStructure(bundle, ['deployment'])).toHaveLength(3);
  });
});

describe('encoding', () => {
  const bytes = (...parts: (string | number[])[]) => Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  const one = async (content: Uint8Array, path = 'deployment/00000-a.sql') => {
    const [problem, ...more] = await problemsOf({ [path]: content });
    expect(more).toEqual([]);
    expect(problem?.rule).toBe('encoding');
    return problem;
  };

  test('Latin-1: the byte, its place, and how to convert the file', async () => {
    const problem = await one(bytes("select 1;\nselect 'é caf", [0xe9], "';\n"));
    expect(problem).toMatchObject({ line: 2, column: 14 });
    expect(problem?.message).toBe('The file is not valid UTF-8 at byte 24 (from 0), where it has E9 27 3B 0A.');
    expect(problem?.hint).toContain('“é”');
    expect(problem?.hint).toContain("iconv -f WINDOWS-1252 -t UTF-8 'deployment/00000-a.sql'");
  });

  test('NUL', async () => {
    const problem = await one(bytes('select 1;\nselect ', [0], '2;'));
    expect(problem).toMatchObject({ line: 2, column: 8, sourceLine: 'select ␀2;' });
    expect(problem?.message).toContain('Byte 17 (from 0) is a NUL');
  });

  test.each([
    ['UTF-16LE', bytes([0xff, 0xfe], Buffer.from('select 1;', 'utf16le').toJSON().data)],
    ['UTF-16LE', Buffer.from('select 1;', 'utf16le')],
    ['UTF-16BE', Buffer.from('select 1;', 'utf16le').swap16()],
  ])('%s is recognised', async (name, content) => {
    expect((await one(content))?.message).toBe(`The file is ${name}, not UTF-8.`);
  });

  test('a file that ends inside a character', async () => {
    expect((await one(bytes("select '", [0xf0, 0x9f, 0x98])))?.hint).toContain('cut off');
  });

  test('half a surrogate pair, from memory', async () => {
    const bundle = bundleFromFiles([{ path: 'deployment/00000-a.sql', content: "select '\ud83d';" }]);
    expect(await validate(bundle)).toMatchObject([{ rule: 'encoding', line: 1, column: 9 }]);
  });

  test('order.json is looked at too, and not read any further', async () => {
    expect(await one(bytes('{"', [0xff], '": 1}'), 'create/1-a/order.json')).toMatchObject({ line: 1, column: 3 });
  });
});

describe('file-access', () => {
  test('links that lead out, nowhere or in a circle; too large a file', async () => {
    const deployment = join(root, 'deployment');
    mkdirSync(deployment);
    symlinkSync('/etc/hostname', join(deployment, '00000-a.sql'));
    symlinkSync('nowhere', join(deployment, '00001-b.sql'));
    symlinkSync('00002-c.sql', join(deployment, '00002-c.sql'));
    writeFileSync(join(deployment, '00003-d.sql'), '');
    truncateSync(join(deployment, '00003-d.sql'), MAX_FILE_BYTES + 1);
    symlinkSync('/etc', join(root, 'create'));
    const problems = await problemsOf({});
    expect(problems.map(({ rule, path, message }) => `${rule} ${path}: ${message}`)).toEqual([
      'file-access create: This symbolic link leads out of the root directory, and nothing outside is read.',
      'file-access deployment/00000-a.sql: This symbolic link leads out of the root directory, and nothing outside is read.',
      'file-access deployment/00001-b.sql: This symbolic link leads nowhere.',
      'file-access deployment/00002-c.sql: This symbolic link leads in a circle.',
      'file-access deployment/00003-d.sql: The file has 52,428,801 bytes; the most a file may have is 52,428,800.',
    ]);
  });
});

describe('case-collision', () => {
  test('names that are one on other file systems: case, and composed letters', async () => {
    const paths = [
      'create/1-a/Note.sql',
      'create/1-a/note.sql',
      'create/2-B/x.sql',
      'create/2-b/y.sql',
      'create/3-c/caf\u00e9.sql',
      'create/3-c/cafe\u0301.sql',
      'create/4-d/STRASSE.sql',
      'create/4-d/straße.sql',
    ];
    const problems = await validate(bundleFromFiles(paths.map((path) => ({ path, content: '' }))));
    expect(problems.map(({ rule, path }) => [rule, path])).toEqual([
      ['case-collision', 'create/1-a/note.sql'],
      ['case-collision', 'create/2-b'],
      ['case-collision', 'create/3-c/caf\u00e9.sql'],
      ['case-collision', 'create/4-d/straße.sql'],
    ]);
    expect(problems[0]?.message).toContain('Note.sql');
  });
});

describe('file-name', () => {
  test('control characters and backslashes, in files and sub-folders', async () => {
    const problems = await problemsOf({
      'create/1\\a/x.sql': '',
      'create/1-b/x\u001b[31m.sql': '',
      'deployment/00000-a\n.sql': '',
    });
    expect(problems.map(({ rule, path }) => [rule, path])).toEqual([
      ['file-name', 'create/1-b/x\u001b[31m.sql'],
      ['file-name', 'create/1\\a'],
      ['file-name', 'deployment/00000-a\n.sql'],
    ]);
    for (const { message, hint } of problems) expect(message + hint).not.toMatch(/\p{Cc}/u);
  });

  test('a full folder has no ordinal to offer', async () => {
    const [problem] = await problemsOf({ 'manual-deployment/99999-a.sql': '', 'manual-deployment/b.sql': '' });
    expect(problem?.hint).toContain('they end at 99999');
  });
});

test('the order on disk, and of files in memory, changes nothing', async () => {
  const bad = join(FIXTURES, 'file-name', 'bad', 'deployment');
  const files = readdirSync(bad).map((name) => ({
    path: `deployment/${name}`,
    content: readFileSync(join(bad, name)),
  }));
  const inOneOrder = await validate(bundleFromFiles(files));
  expect(await validate(bundleFromFiles([...files].reverse()))).toEqual(inOneOrder);
});
