import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { sep } from 'node:path';
import { SqlDeployError } from '../errors.ts';
import { BundleAssembly } from './assemble-bundle.ts';
import { type Bundle, FOLDERS, type Folder, MAX_FILE_BYTES, type UnusableEntry } from './bundle.ts';
import { hasContent, isHidden, isIgnoredFile } from './file-kind.ts';

/**
 * Takes a snapshot of the three folders below `root`.
 * It reads with synchronous calls: for a thousand small files they take a third of the time, and nothing can be
 * done before the bundle is whole. What can't be taken in becomes an `unusable` entry for the validator to report.
 * @param root the directory that holds `create/`, `deployment/` and `manual-deployment/`, or some of them
 * @throws SqlDeployError root_missing
 */
export async function readBundle(root: string): Promise<Bundle> {
  const { realRoot, folders } = openRoot(root);
  const assembly = new BundleAssembly();
  for (const folder of folders) {
    const place: Place = { realRoot, folder, assembly };
    const resolved = resolveEntry(realRoot, `${realRoot}${sep}${folder}`);
    if (resolved.kind === 'directory') {
      assembly.addFolder(folder);
      readDirectory(place, resolved.diskPath, '');
    } else if (resolved.kind === 'unusable') {
      assembly.addUnusable(folder, '', resolved.reason, resolved.detail);
    } else {
      assembly.addUnusable(folder, '', 'not-a-folder', '');
    }
  }
  return assembly.build();
}

/** Where the walk is, and where what it finds goes. */
interface Place {
  readonly realRoot: string;
  readonly folder: Folder;
  readonly assembly: BundleAssembly;
}

type Resolved =
  | { readonly kind: 'file' | 'directory' | 'special'; readonly diskPath: string }
  | { readonly kind: 'unusable'; readonly reason: UnusableEntry['reason']; readonly detail: string };

function openRoot(root: string): { realRoot: string; folders: readonly Folder[] } {
  const hint = 'Name the directory that holds the folders with --root DIR; without it the current directory is taken.';
  let realRoot: string;
  let names: ReadonlySet<string>;
  try {
    realRoot = realpathSync(root);
    // Listed rather than asked for one by one: a file system that takes `Create` for `create` must not change a bundle.
    names = new Set(readdirSync(realRoot));
  } catch (error) {
    throw new SqlDeployError('root_missing', `${rootFault(errnoCode(error))}: ${root}`, hint, { cause: error });
  }
  const folders = FOLDERS.filter((folder) => names.has(folder));
  if (folders.length === 0) {
    const message = `None of the folders create, deployment and manual-deployment was found in ${realRoot}`;
    throw new SqlDeployError('root_missing', `${message}.`, hint);
  }
  return { realRoot: realRoot.endsWith(sep) ? realRoot.slice(0, -1) : realRoot, folders };
}

function rootFault(code: string): string {
  if (code === 'ENOENT') return 'The root directory does not exist';
  if (code === 'ENOTDIR') return 'The root is not a directory';
  return `The root directory cannot be read (${code})`;
}

/** @param parent the sub-folder of `create/` that is read, with a slash behind it; empty for the folder itself */
function readDirectory(place: Place, diskPath: string, parent: string): void {
  const { realRoot, folder, assembly } = place;
  let entries: ReturnType<typeof listDirectory>;
  try {
    entries = listDirectory(diskPath);
  } catch (error) {
    assembly.addUnusable(folder, parent.slice(0, -1), 'unreadable', errnoCode(error));
    return;
  }
  for (const entry of entries) {
    if (isHidden(entry.name)) continue;
    const entryPath = `${diskPath}${sep}${entry.name}`;
    const name = parent + entry.name;
    const resolved: Resolved = entry.isFile()
      ? { kind: 'file', diskPath: entryPath }
      : resolveEntry(realRoot, entryPath);
    if (resolved.kind === 'directory' && folder === 'create' && parent === '') {
      readDirectory(place, resolved.diskPath, `${name}/`);
    } else if (resolved.kind === 'directory') {
      assembly.addUnusable(folder, name, 'directory', '');
    } else if (!isIgnoredFile(entry.name)) {
      takeFile(place, name, entry.name, resolved);
    }
  }
}

function listDirectory(diskPath: string) {
  return readdirSync(diskPath, { withFileTypes: true });
}

function takeFile(place: Place, name: string, baseName: string, resolved: Resolved): void {
  const { folder, assembly } = place;
  if (resolved.kind === 'unusable') {
    assembly.addUnusable(folder, name, resolved.reason, resolved.detail);
  } else if (resolved.kind === 'special') {
    assembly.addUnusable(folder, name, 'special', '');
  } else if (!hasContent(baseName)) {
    assembly.addFile(folder, name, null);
  } else {
    const content = readContent(resolved.diskPath);
    if ('bytes' in content) assembly.addFile(folder, name, content.bytes);
    else assembly.addUnusable(folder, name, content.reason, content.detail);
  }
}

/** What an entry is, links followed as long as they stay below the root. */
function resolveEntry(realRoot: string, diskPath: string): Resolved {
  try {
    let target = diskPath;
    if (lstatSync(diskPath).isSymbolicLink()) {
      target = realpathSync(diskPath);
      if (!target.startsWith(realRoot + sep)) return { kind: 'unusable', reason: 'link-outside', detail: '' };
    }
    const stat = statSync(target);
    const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : 'special';
    return { kind, diskPath: target };
  } catch (error) {
    const code = errnoCode(error);
    const dangling = code === 'ENOENT' || code === 'ELOOP';
    return { kind: 'unusable', reason: dangling ? 'link-outside' : 'unreadable', detail: code };
  }
}

// NOFOLLOW: what was a file when it was listed must not have become a link. NONBLOCK: nor a pipe that is waited on.
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

type Content = { readonly bytes: Uint8Array } | Pick<UnusableEntry, 'reason' | 'detail'>;

function readContent(diskPath: string): Content {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(diskPath, OPEN_FLAGS);
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return { reason: 'special', detail: '' };
    if (stat.size > MAX_FILE_BYTES) return { reason: 'too-large', detail: String(stat.size) };
    const bytes = Buffer.allocUnsafe(stat.size);
    let length = 0;
    for (let got = -1; length < stat.size && got !== 0; length += got) {
      got = readSync(descriptor, bytes, length, stat.size - length, null);
    }
    return { bytes: length === stat.size ? bytes : bytes.subarray(0, length) };
  } catch (error) {
    return { reason: 'unreadable', detail: errnoCode(error) };
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

function errnoCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return code;
  // Not the file system's doing: a defect, or a path with a NUL in it.
  throw error;
}
