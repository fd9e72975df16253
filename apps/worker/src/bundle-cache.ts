import type { Bundle } from '@postgres-manager/sql-deploy';

interface Entry {
  readonly bundle: Promise<Bundle | null>;
  sizeBytes: number;
}

/**
 * Bundles by digest, so that one that goes to many targets is loaded once. Those used longest ago are forgotten first;
 * one that is larger than all there is room for is given, and not kept.
 */
export class BundleCache {
  readonly #load: (digest: string) => Promise<Bundle | null>;
  readonly #maxBytes: number;
  /** In order of use: the first was used longest ago. */
  readonly #entries = new Map<string, Entry>();
  #heldBytes = 0;

  constructor(load: (digest: string) => Promise<Bundle | null>, maxBytes: number) {
    this.#load = load;
    this.#maxBytes = maxBytes;
  }

  /**
   * A bundle; loaded once for all who ask meanwhile.
   * @returns null when there is none of that digest
   */
  async get(digest: string): Promise<Bundle | null> {
    const known = this.#entries.get(digest);
    if (known !== undefined) {
      this.#entries.delete(digest);
      this.#entries.set(digest, known);
      return await known.bundle;
    }
    const entry: Entry = { bundle: this.#load(digest), sizeBytes: 0 };
    this.#entries.set(digest, entry);
    try {
      const bundle = await entry.bundle;
      if (bundle === null) this.#forget(digest, entry);
      else this.#weigh(digest, entry, bundle);
      return bundle;
    } catch (error) {
      // The control database was away: the next who asks tries again.
      this.#forget(digest, entry);
      throw error;
    }
  }

  #weigh(digest: string, entry: Entry, bundle: Bundle): void {
    entry.sizeBytes = bundle.files.reduce((sum, file) => sum + file.bytes.length + 500, 0);
    this.#heldBytes += entry.sizeBytes;
    if (entry.sizeBytes > this.#maxBytes) this.#forget(digest, entry);
    for (const [oldest, held] of this.#entries) {
      if (this.#heldBytes <= this.#maxBytes) break;
      this.#forget(oldest, held);
    }
  }

  #forget(digest: string, entry: Entry): void {
    if (this.#entries.get(digest) !== entry) return;
    this.#entries.delete(digest);
    this.#heldBytes -= entry.sizeBytes;
  }
}
