import { createHash, type KeyObject, createSecretKey } from 'node:crypto';
import { ControlPlaneError } from '../errors.ts';

/** One encryption key: 256 bits, and the id that is stored beside what it sealed. */
export interface EncryptionKey {
  /** The first eight hexadecimal digits of SHA-256 of the key. */
  readonly id: string;
  readonly key: KeyObject;
}

/** The key that seals, and those that still open. */
export interface Keyring {
  readonly current: EncryptionKey;
  readonly byId: ReadonlyMap<string, EncryptionKey>;
}

const MAKE_ONE = 'Make one with `openssl rand -base64 32`, and give the same to every API and worker process.';

/**
 * Reads encryption keys: each 32 bytes, as 64 hexadecimal digits or in base64.
 * @param current ENCRYPTION_KEY
 * @param previous ENCRYPTION_KEY_PREVIOUS: keys separated by commas that are no longer used to seal; null: none
 * @throws ControlPlaneError encryption_key_invalid, which never shows any part of a key
 */
export function readKeyring(current: string, previous: string | null): Keyring {
  const first = readKey(current, 'ENCRYPTION_KEY');
  const older = (previous ?? '')
    .split(',')
    .filter((text) => text.trim() !== '')
    .map((text) => readKey(text, 'ENCRYPTION_KEY_PREVIOUS'));
  return { current: first, byId: new Map([...older, first].map((key) => [key.id, key])) };
}

function readKey(text: string, variable: string): EncryptionKey {
  const trimmed = text.trim();
  const bytes = /^[0-9a-f]{64}$/i.test(trimmed) ? Buffer.from(trimmed, 'hex') : fromBase64(trimmed);
  if (bytes?.length !== 32) {
    throw new ControlPlaneError(
      'encryption_key_invalid',
      `${variable} is not a key of 32 bytes in base64 or as 64 hexadecimal digits.`,
      MAKE_ONE,
    );
  }
  return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 8), key: createSecretKey(bytes) };
}

function fromBase64(text: string): Buffer | null {
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : null;
}
