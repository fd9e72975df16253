import { describe, expect, it } from 'vitest';
import { looksLikeDsn, nameOfUnknownFlag, redact } from './secrecy.ts';

describe('looksLikeDsn', () => {
  it.each(['postgres://u:p@h/d', 'host=h password=p', 'PASSWORD = p', 'u:p@h', 'dbname=d'])('knows %s', (text) => {
    expect(looksLikeDsn(text)).toBe(true);
  });

  it.each(['deployment/00001-a.sql', '.', '/srv/schema', 'C:\\schema', 'release 1.2', 'bob@example.org'])(
    'lets %s through',
    (text) => {
      expect(looksLikeDsn(text)).toBe(false);
    },
  );
});

describe('nameOfUnknownFlag', () => {
  it('shows plain names and no more', () => {
    expect(nameOfUnknownFlag('--postgres-dns=secret', 2)).toBe('--postgres-dns');
    expect(nameOfUnknownFlag('-x', 2)).toBe('-x');
    expect(nameOfUnknownFlag('-psecret', 2)).toBe('in argument 2');
    expect(nameOfUnknownFlag('--s3cret', 2)).toBe('in argument 2');
  });
});

describe('redact', () => {
  it.each([
    ['postgres://u:ca%20nary@h/d', 'failed for "ca nary" and ca%20nary at postgres://u:ca%20nary@h/d'],
    ["host=h password='ca nary'", "failed for ca nary: host=h password='ca nary'"],
    ['postgres://u:a@nary@h/d', 'a@nary'],
  ])('takes the password of %s out', (dsn, text) => {
    expect(redact(text, dsn)).not.toMatch(/nary/);
  });

  it('knows the shape of a DSN it was not told of', () => {
    expect(redact('at postgres://u:canary@h/d, password=canary', null)).not.toContain('canary');
  });
});
