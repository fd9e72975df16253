import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { ControlPlaneError } from '../errors.ts';
import type { Keyring } from './keyring.ts';

const CIPHER = 'aes-256-gcm';
const FORMAT = 1;
/** NIST SP 800-38D: 96 bits, never the same twice under a key. */
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A DSN sealed for one target. */
export interface SealedSecret {
  /** A byte for the format, the initialization vector, the tag, the ciphertext. */
  readonly bytes: Buffer;
  readonly keyId: string;
}

/** Encrypts a target's DSN. The name is bound in: a secret moved to another row does not open there. */
export function sealSecret(dsn: string, targetName: string, keyring: Keyring): SealedSecret {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, keyring.current.key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(boundTo(targetName));
  const text = Buffer.concat([cipher.update(dsn, 'utf8'), cipher.final()]);
  return {
    bytes: Buffer.concat([Buffer.from([FORMAT]), iv, cipher.getAuthTag(), text]),
    keyId: keyring.current.id,
  };
}

/** @throws ControlPlaneError secret_unresolvable, which never shows any part of the secret */
export function openSecret(secret: SealedSecret, targetName: string, keyring: Keyring): string {
  const key = keyring.byId.get(secret.keyId);
  if (key === undefined) {
    throw unresolvable(
      `The DSN of target ${targetName} was encrypted under the key ${secret.keyId}, which this worker does not have.`,
      'Give it that key, in ENCRYPTION_KEY or among ENCRYPTION_KEY_PREVIOUS; or register the target again with its DSN.',
    );
  }
  const { bytes } = secret;
  if (bytes[0] === FORMAT && bytes.length > 1 + IV_BYTES + TAG_BYTES) {
    try {
      const decipher = createDecipheriv(CIPHER, key.key, bytes.subarray(1, 1 + IV_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAAD(boundTo(targetName));
      decipher.setAuthTag(bytes.subarray(1 + IV_BYTES, 1 + IV_BYTES + TAG_BYTES));
      return decipher.update(bytes.subarray(1 + IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      // Told below: what OpenSSL says helps nobody.
    }
  }
  throw unresolvable(
    `The stored DSN of target ${targetName} does not open: it was changed, or belongs to another target.`,
    'Register the target again with its DSN, and find out who writes to the control database.',
  );
}

function boundTo(targetName: string): Buffer {
  return Buffer.from(`postgres-manager target ${targetName}`, 'utf8');
}

function unresolvable(message: string, hint: string): ControlPlaneError {
  return new ControlPlaneError('secret_unresolvable', message, hint);
}
