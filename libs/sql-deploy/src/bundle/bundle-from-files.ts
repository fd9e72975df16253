import { SqlDeployError } from '../errors.ts';
import { BundleAssembly } from './assemble-bundle.ts';
import { type Bundle, type Folder, MAX_FILE_BYTES } from './bundle.ts';
import { folderOfPath, pathFault } from './bundle-path.ts';
import { baseNameOf, hasContent, isIgnoredFile, parentOf } from './file-kind.ts';

/** A file for a bundle, by its path from the root: `deployment/00000-new-table.sql`. */
export interface FileInput {
  readonly path: string;
  /** A text is taken as UTF-8. Bytes are taken over, not copied: don't change them afterwards. */
  readonly content: string | Uint8Array;
}

/** How many faulty paths a message lists: enough to see the pattern. */
const MAX_LISTED_PATHS = 100;
const MAX_SHOWN_CHARACTERS = 300;

/**
 * Makes a bundle from files in memory: the one that `readBundle` would make of the same files on a disk,
 * digest included. No path is trusted.
 * @throws SqlDeployError bundle_path_invalid, naming every faulty path
 */
export function bundleFromFiles(files: readonly FileInput[]): Bundle {
  refuseFaultyPaths(files);
  const assembly = new BundleAssembly();
  const directories = new Set<string>();
  for (const { path, content } of files) {
    const folder = folderOfPath(path) as Folder;
    assembly.addFolder(folder);
    const unusableDirectory = directoryWhereFilesBelong(folder, path);
    if (unusableDirectory === null) addFile(assembly, folder, path.slice(folder.length + 1), content);
    else directories.add(unusableDirectory);
  }
  for (const directory of directories) {
    const folder = folderOfPath(directory) as Folder;
    assembly.addUnusable(folder, directory.slice(folder.length + 1), 'directory', '');
  }
  return assembly.build();
}

function addFile(assembly: BundleAssembly, folder: Folder, name: string, content: string | Uint8Array): void {
  const baseName = baseNameOf(name);
  if (isIgnoredFile(baseName)) return;
  if (!hasContent(baseName)) {
    assembly.addFile(folder, name, null);
    return;
  }
  const bytes = typeof content === 'string' ? encode(content) : content;
  if (bytes.length > MAX_FILE_BYTES) assembly.addUnusable(folder, name, 'too-large', String(bytes.length));
  else assembly.addFile(folder, name, bytes);
}

/** The first directory of a path that lies deeper than files may; null when the file lies where files belong. */
function directoryWhereFilesBelong(folder: Folder, path: string): string | null {
  const segments = path.split('/');
  const deepest = folder === 'create' ? 3 : 2;
  return segments.length > deepest ? segments.slice(0, deepest).join('/') : null;
}

function refuseFaultyPaths(files: readonly FileInput[]): void {
  const faults: string[] = [];
  const seen = new Set<string>();
  const directories = new Set<string>();
  for (const { path } of files) {
    const fault = pathFault(path) ?? (seen.has(path) ? 'is given twice' : null);
    if (fault !== null) faults.push(`${shown(path)} ${fault}`);
    seen.add(path);
    if (fault !== null) continue;
    for (let parent = parentOf(path); parent !== ''; parent = parentOf(parent)) directories.add(parent);
  }
  for (const path of seen) {
    if (directories.has(path) && pathFault(path) === null) faults.push(`${shown(path)} is both a file and a directory`);
  }
  if (faults.length === 0) return;
  const listed = faults.slice(0, MAX_LISTED_PATHS);
  if (listed.length < faults.length) listed.push(`and ${faults.length - listed.length} more`);
  throw new SqlDeployError(
    'bundle_path_invalid',
    `${faults.length === 1 ? 'A path' : `${faults.length} paths`} of the bundle cannot be used: ${listed.join('; ')}.`,
    'Give each file once, by its path from the root: create/<sub-folder>/<name>, deployment/<name> or manual-deployment/<name>.',
  );
}

function shown(path: string): string {
  return JSON.stringify(path.length > MAX_SHOWN_CHARACTERS ? `${path.slice(0, MAX_SHOWN_CHARACTERS)}…` : path);
}

/**
 * UTF-8. Half a surrogate pair has no UTF-8 form, and Buffer would silently put U+FFFD in its place: it is
 * written out as the three bytes it would have, which the encoding rule then finds and places.
 */
function encode(text: string): Uint8Array {
  if (!/\p{Cs}/u.test(text)) return Buffer.from(text, 'utf8');
  const parts = text.split(/(\p{Cs})/u);
  return Buffer.concat(parts.map((part, index) => (index % 2 === 0 ? Buffer.from(part) : surrogateBytes(part))));
}

function surrogateBytes(half: string): Buffer {
  const unit = half.charCodeAt(0);
  return Buffer.from([0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)]);
}
