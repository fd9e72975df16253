import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { ControlPlaneError } from '../errors.ts';
import type { Keyring } from './keyring.ts';

const CIPHER = 'aes-256-gcm';
const FORMAT = 1;
/** NIST SP 800-38D: 96 bits, never the same twice under a key. */
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A secret sealed for one owner. */
export interface SealedSecret {
  /** A byte for the format, the initialization vector, the tag, the ciphertext. */
  readonly bytes: Buffer;
  readonly keyId: string;
}

/** Encrypts a target's DSN. The name is bound in: a secret moved to another row does not open there. */
export function sealSecret(dsn: string, targetName: string, keyring: Keyring): SealedSecret {
  return seal(dsn, `target ${targetName}`, keyring);
}

/** @throws ControlPlaneError secret_unresolvable, which never shows any part of the secret */
export function openSecret(secret: SealedSecret, targetName: string, keyring: Keyring): string {
  const opened = open(secret, `target ${targetName}`, keyring);
  if (opened === 'key_missing') {
    throw unresolvable(
      `The DSN of target ${targetName} was encrypted under the key ${secret.keyId}, which this worker does not have.`,
      'Give it that key, in ENCRYPTION_KEY or among ENCRYPTION_KEY_PREVIOUS; or register the target again with its DSN.',
    );
  }
  if (opened === 'does_not_open') {
    throw unresolvable(
      `The stored DSN of target ${targetName} does not open: it was changed, or belongs to another target.`,
      'Register the target again with its DSN, and find out who writes to the control database.',
    );
  }
  return opened.text;
}

/** Encrypts a text for one owner (`target NAME`, `webhook ID`), who is bound in. */
export function seal(text: string, owner: string, keyring: Keyring): SealedSecret {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, keyring.current.key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(boundTo(owner));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return {
    bytes: Buffer.concat([Buffer.from([FORMAT]), iv, cipher.getAuthTag(), sealed]),
    keyId: keyring.current.id,
  };
}

/** Decrypts what was sealed for this owner, or says why it can't be. */
export function open(
  { bytes, keyId }: SealedSecret,
  owner: string,
  keyring: Keyring,
): { readonly text: string } | 'key_missing' | 'does_not_open' {
  const key = keyring.byId.get(keyId);
  if (key === undefined) return 'key_missing';
  if (bytes[0] !== FORMAT || bytes.length <= 1 + IV_BYTES + TAG_BYTES) return 'does_not_open';
  try {
    const decipher = createDecipheriv(CIPHER, key.key, bytes.subarray(1, 1 + IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(boundTo(owner));
    decipher.setAuthTag(bytes.subarray(1 + IV_BYTES, 1 + IV_BYTES + TAG_BYTES));
    return {
      text: decipher.update(bytes.subarray(1 + IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8'),
    };
  } catch {
    // What OpenSSL says helps nobody.
    return 'does_not_open';
  }
}

function boundTo(owner: string): Buffer {
  return Buffer.from(`postgres-manager ${owner}`, 'utf8');
}

function unresolvable(message: string, hint: string): ControlPlaneError {
  return new ControlPlaneError('secret_unresolvable', message, hint);
}
