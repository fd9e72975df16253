import { createHash, randomBytes } from 'node:crypto';

const GOOD_FOR_MS = 15 * 60_000;
/** Older ones fall out: nobody uses a code of twenty starts ago. */
const MOST_CODES = 20;
/** 256 random bits in base64url. */
const CODE_PATTERN = /^[A-Za-z0-9_-]{43}$/;

/**
 * Codes that let a browser on this machine sign in without anybody typing a key. Each is made in this process, taken once,
 * and good for fifteen minutes; of a code only its SHA-256 is kept, in memory.
 */
export class SignInCodes {
  /** When each is over, by its SHA-256; the oldest first. */
  readonly #ends = new Map<string, number>();

  /** Makes a code: to be shown to whoever started this process, and to nobody else. */
  make(): string {
    const [oldest] = this.#ends.keys();
    if (this.#ends.size >= MOST_CODES && oldest !== undefined) this.#ends.delete(oldest);
    const code = randomBytes(32).toString('base64url');
    this.#ends.set(digestOf(code), performance.now() + GOOD_FOR_MS);
    return code;
  }

  /** Uses a code up. False for one that was never made, was taken already, or is too old. */
  take(code: string): boolean {
    if (!CODE_PATTERN.test(code)) return false;
    const digest = digestOf(code);
    const end = this.#ends.get(digest);
    this.#ends.delete(digest);
    return end !== undefined && performance.now() < end;
  }
}

function digestOf(code: string): string {
  return createHash('sha256').update(code).digest('base64');
}
