import type { Bundle, BundleFile, Folder, UnusableEntry } from './bundle.ts';
import { bundleDigest, EMPTY_SHA256, sha256Hex } from './digest.ts';
import { baseNameOf, hasContent } from './file-kind.ts';
import { compareBytewise } from './natural-order.ts';

const NO_BYTES = new Uint8Array(0);

/** Gathers what is found, in any order, into the one bundle that it makes. */
export class BundleAssembly {
  readonly #files: BundleFile[] = [];
  readonly #unusable: UnusableEntry[] = [];
  readonly #folders = new Set<Folder>();

  addFolder(folder: Folder): void {
    this.#folders.add(folder);
  }

  /** @param bytes taken over, not copied; null for a file whose name alone is taken */
  addFile(folder: Folder, name: string, bytes: Uint8Array | null): void {
    const path = `${folder}/${name}`;
    if (bytes === null || !hasContent(baseNameOf(name))) {
      this.#files.push({ path, folder, name, bytes: NO_BYTES, sha256: EMPTY_SHA256 });
    } else {
      this.#files.push({ path, folder, name, bytes, sha256: sha256Hex(bytes) });
    }
  }

  /** @param name relative to the folder; empty for the folder itself */
  addUnusable(folder: Folder, name: string, reason: UnusableEntry['reason'], detail: string): void {
    this.#unusable.push({ path: name === '' ? folder : `${folder}/${name}`, folder, name, reason, detail });
  }

  build(): Bundle {
    const files = this.#files.sort((a, b) => compareBytewise(a.path, b.path));
    const unusable = this.#unusable.sort((a, b) => compareBytewise(a.path, b.path));
    return { digest: bundleDigest(files, unusable), files, unusable, folders: this.#folders };
  }
}
