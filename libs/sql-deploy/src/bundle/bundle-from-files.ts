import type { Bundle } from './bundle.ts';

/** Makes a bundle from files in memory. */
export function bundleFromFiles(files: readonly { path: string; content: string | Uint8Array }[]): Bundle {
  throw new Error(`not yet: ${files.length}`);
}
