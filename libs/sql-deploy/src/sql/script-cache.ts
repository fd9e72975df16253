import type { BundleFile } from '../bundle/bundle.ts';
import type { Script } from './script.ts';

/** Reckoned for each script beside its source: an empty file is not free. */
const OVERHEAD_BYTES = 1024;

interface Entry {
  readonly script: Promise<Script>;
  readonly sizeBytes: number;
}

/**
 * What the parser said of files, shared by the runs of one process: the same bundle on 500 targets is parsed once.
 * Known by the digest of the bytes; those used longest ago are forgotten first. Runs may use it at the same time.
 */
export class ScriptCache {
  readonly #maxBytes: number;
  /** In order of use: the first was used longest ago. */
  readonly #entries = new Map<string, Entry>();
  #heldBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Source bytes of what is held, and a little for each file. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Gives what is known of a file; else reads it, once for all who ask meanwhile. */
  async get(file: BundleFile, read: () => Promise<Script>): Promise<Script> {
    const known = this.#entries.get(file.sha256);
    if (known === undefined) return this.#enter(file, read);
    this.#entries.delete(file.sha256);
    this.#entries.set(file.sha256, known);
    return underPath(await known.script, file.path);
  }

  #enter(file: BundleFile, read: () => Promise<Script>): Promise<Script> {
    const entry: Entry = { script: read(), sizeBytes: file.bytes.length + OVERHEAD_BYTES };
    if (entry.sizeBytes > this.#maxBytes) return entry.script;
    this.#entries.set(file.sha256, entry);
    this.#heldBytes += entry.sizeBytes;
    // A defect is told to all who wait for it, and to nobody later.
    entry.script.catch(() => this.#forget(file.sha256, entry));
    for (const [digest, oldest] of this.#entries) {
      if (this.#heldBytes <= this.#maxBytes) break;
      this.#forget(digest, oldest);
    }
    return entry.script;
  }

  #forget(digest: string, entry: Entry): void {
    if (this.#entries.get(digest) !== entry) return;
    this.#entries.delete(digest);
    this.#heldBytes -= entry.sizeBytes;
  }
}

/**
 * Makes a cache to give to several runs.
 * @param maxBytes how much SQL it may know, in bytes of its source; what it holds of it is a fraction of that
 */
export function createScriptCache({ maxBytes }: { readonly maxBytes: number }): ScriptCache {
  return new ScriptCache(maxBytes);
}

/** The same bytes may stand under another path. */
function underPath(script: Script, path: string): Script {
  if (script.problems.every((problem) => problem.path === path)) return script;
  return { ...script, problems: script.problems.map((problem) => ({ ...problem, path })) };
}
