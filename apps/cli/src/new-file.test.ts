import { describe, expect, it } from 'vitest';
import { fileHeader, nextOrdinal, slugOf } from './new-file.ts';

describe('slugOf', () => {
  it.each([
    ['add users', 'add-users'],
    ['Add  Users!', 'add-users'],
    ['tbl_user.sql', 'tbl_user'],
    ['Größe ändern', 'gro-e-andern'],
    ['v1.2', 'v1-2'],
  ])('makes of "%s" %s', (name, slug) => {
    expect(slugOf(name)).toBe(slug);
  });

  it.each([
    '../etc/passwd',
    'a\\b',
    'a/b',
    '',
    '---',
    '日本',
    '00012-x',
    'a:b',
    'password=x',
    'a\u0000b',
    'x'.repeat(81),
  ])('refuses %j', (name) => {
    expect(() => slugOf(name)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

describe('nextOrdinal', () => {
  it('follows the highest, and ignores what carries none', () => {
    expect(nextOrdinal([])).toBe(0);
    expect(nextOrdinal(['00000-a.sql', '00007-b.sql', 'README.md', '9-x.sql', '00040-x.txt'])).toBe(8);
  });

  it('ends at 99999', () => {
    expect(() => nextOrdinal(['99999-last.sql'])).toThrow('99999');
  });
});

it('begins files with comments only', () => {
  for (const folder of ['deployment', 'manual-deployment'] as const) {
    const lines = fileHeader('00008-add-users.sql', folder).split('\n');
    expect(lines.every((line) => line === '' || line.startsWith('--'))).toBe(true);
  }
});
