import { createHash, createHmac } from 'node:crypto';
import { createRequire } from 'node:module';

/** What the driver logs in with (SCRAM-SHA-256, RFC 5802 and 7677), as far as it is replaced. */
interface DriverCrypto {
  deriveKey?: DeriveKey;
  hmacSha256?: (key: ArrayBuffer | Uint8Array, message: string) => Promise<ArrayBuffer | Uint8Array>;
  sha256?: (bytes: ArrayBuffer | Uint8Array) => Promise<ArrayBuffer | Uint8Array>;
}

type DeriveKey = (password: string, salt: Uint8Array, iterations: number) => Promise<ArrayBuffer>;

const MOST_KEPT = 1000;

/**
 * A worker logs in for each deployment, and with a small one that is most of what it does.
 *
 * Salted passwords are kept, as RFC 5802 (5.1) allows a client: deriving one takes the processor two milliseconds, and
 * all databases of a server share a role and its salt. They are kept in memory alone, under a digest of what they were
 * derived from, so that a changed password is another entry. The few short digests of a login are made on the spot;
 * the driver would hand each to another thread and wait for it.
 *
 * Replaces the driver's own functions for the whole process; a driver that has none of them stays as it is.
 */
export function makeLoginsCheap(): void {
  const driver = createRequire(import.meta.url)('pg/lib/crypto/utils.js') as DriverCrypto;
  if (driver.deriveKey !== undefined) driver.deriveKey = keeping(driver.deriveKey);
  if (driver.hmacSha256 !== undefined) {
    driver.hmacSha256 = (key, message) =>
      Promise.resolve(createHmac('sha256', new Uint8Array(key)).update(message).digest());
  }
  if (driver.sha256 !== undefined) {
    driver.sha256 = (bytes) => Promise.resolve(createHash('sha256').update(new Uint8Array(bytes)).digest());
  }
}

/** Does with `derive` what has not been done before. */
export function keeping(derive: DeriveKey): DeriveKey {
  const kept = new Map<string, Promise<ArrayBuffer>>();
  return (password, salt, iterations) => {
    const key = createHash('sha256')
      .update(JSON.stringify([password, Buffer.from(salt).toString('base64'), iterations]))
      .digest('base64');
    const known = kept.get(key);
    if (known !== undefined) return known;
    if (kept.size >= MOST_KEPT) kept.clear();
    const derived = derive(password, salt, iterations);
    kept.set(key, derived);
    derived.catch(() => kept.delete(key));
    return derived;
  };
}
