import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readKeyring } from './keyring.ts';
import { openSecret, sealSecret } from './secret-box.ts';

const newKey = (): string => randomBytes(32).toString('base64');
const keyring = readKeyring(newKey(), null);
const DSN = 'postgres://app:s3cret@db.example.com/app';

test('what was sealed opens again, for the same target alone', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (dsn, name) => {
      fc.pre(dsn !== '');
      expect(openSecret(sealSecret(dsn, name, keyring), name, keyring)).toBe(dsn);
    }),
  );
  const sealed = sealSecret(DSN, 'one', keyring);
  expect(() => openSecret(sealed, 'two', keyring)).toThrow(/does not open/);
});

test('any changed byte is found', () => {
  const sealed = sealSecret(DSN, 'one', keyring);
  for (let i = 0; i < sealed.bytes.length; i++) {
    const bytes = Buffer.from(sealed.bytes);
    bytes[i] = (bytes[i] ?? 0) ^ 1;
    expect(() => openSecret({ ...sealed, bytes }, 'one', keyring)).toThrow(/does not open/);
  }
});

test('the same DSN never gives the same bytes, and shows in none', () => {
  const [a, b] = [sealSecret(DSN, 'one', keyring), sealSecret(DSN, 'one', keyring)];
  expect(a.bytes.equals(b.bytes)).toBe(false);
  expect(a.bytes.includes('s3cret')).toBe(false);
});

test('an older key still opens, an unknown one is named by its id', () => {
  const [older, newer] = [newKey(), newKey()];
  const sealed = sealSecret(DSN, 'one', readKeyring(older, null));
  expect(openSecret(sealed, 'one', readKeyring(newer, ` ${older} ,`))).toBe(DSN);
  expect(() => openSecret(sealed, 'one', readKeyring(newer, null))).toThrow(new RegExp(sealed.keyId));
});

test.each([
  '',
  'short',
  'f'.repeat(63),
  `${'f'.repeat(63)}g`,
  randomBytes(31).toString('base64'),
  randomBytes(33).toString('base64'),
])('a key that is none is refused and not shown: %#', (text) => {
  let message = '';
  try {
    readKeyring(text, null);
  } catch (error) {
    message = String(error);
  }
  expect(message).toMatch(/ENCRYPTION_KEY is not a key of 32 bytes/);
  if (text.length > 5) expect(message).not.toContain(text);
});

test('hexadecimal and base64 name the same key', () => {
  const bytes = randomBytes(32);
  expect(readKeyring(bytes.toString('hex'), null).current.id).toBe(
    readKeyring(bytes.toString('base64'), null).current.id,
  );
});
