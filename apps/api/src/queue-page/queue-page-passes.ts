import { createHash, randomBytes } from 'node:crypto';

/** Also how long the cookie lasts. */
export const PASS_SECONDS = 30 * 60;
/** More than admins are likely to look at once; the oldest fall out. */
const MOST_PASSES = 1000;

interface Pass {
  readonly keyId: string;
  /** Of performance.now(). */
  readonly end: number;
}

/**
 * Who may look at the queue's own page. A browser asks for that page by its address, with no key in a header; so an
 * admin's key is given for a pass, which travels as a cookie. Each is 256 random bits, of which only the SHA-256 is kept,
 * in this process's memory, with the id of the key that it stands for: with the key it ends.
 */
export class QueuePagePasses {
  /** By the SHA-256 of each; the oldest first. */
  readonly #passes = new Map<string, Pass>();

  /** Makes a pass for half an hour. */
  make(keyId: string): string {
    const [oldest] = this.#passes.keys();
    if (this.#passes.size >= MOST_PASSES && oldest !== undefined) this.#passes.delete(oldest);
    const pass = randomBytes(32).toString('base64url');
    this.#passes.set(digestOf(pass), { keyId, end: performance.now() + PASS_SECONDS * 1000 });
    return pass;
  }

  /** The id of the key that a pass stands for; null for one that was never made here, or whose time is over. */
  keyOf(pass: string): string | null {
    const digest = digestOf(pass);
    const found = this.#passes.get(digest);
    if (found === undefined) return null;
    if (performance.now() < found.end) return found.keyId;
    this.#passes.delete(digest);
    return null;
  }
}

function digestOf(pass: string): string {
  return createHash('sha256').update(pass).digest('base64');
}
