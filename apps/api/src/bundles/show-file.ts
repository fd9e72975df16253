import type { StoredFile } from '@postgres-manager/control-plane';
import type { Problem, ScriptDescription } from '@postgres-manager/sql-deploy';

/** So much of a file is shown. */
export const MOST_SHOWN_BYTES = 256 * 1024;

/** A file of a bundle, for people to read. */
export interface ShownFile {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Null for what is not UTF-8. */
  readonly text: string | null;
  /** `text` is its first part alone. */
  readonly truncated: boolean;
  readonly problems: readonly Problem[];
  /** How it would be run; null for what is no script, is too large, or has problems. */
  readonly verdict: ScriptDescription | null;
}

/**
 * Puts together what is shown of a file.
 * @param problems of its whole bundle
 * @param describe tells how a script would be run
 */
export async function showFile(
  { path, sha256, sizeBytes, head }: StoredFile,
  problems: readonly Problem[],
  describe: (path: string, bytes: Uint8Array) => Promise<ScriptDescription | null>,
): Promise<ShownFile> {
  const truncated = sizeBytes > head.length;
  const text = textOf(head, truncated);
  const own = problems.filter((problem) => problem.path === path);
  const isScript = path.endsWith('.sql') && text !== null && !truncated && own.length === 0;
  const verdict = isScript ? await describe(path, head) : null;
  return { path, sha256, sizeBytes, text, truncated, problems: own, verdict };
}

/** Null for what is not UTF-8. A character that the cut went through is left out. */
function textOf(bytes: Uint8Array, truncated: boolean): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: truncated });
  } catch {
    return null;
  }
}
