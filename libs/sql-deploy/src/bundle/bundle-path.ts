import { FOLDERS, type Folder } from './bundle.ts';
import { isHidden } from './file-kind.ts';

/** The longest name that the common file systems take, in bytes. */
export const MAX_NAME_BYTES = 255;

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Whether a name holds something that would be read differently elsewhere: a backslash, a control character. */
export function hasForbiddenCharacter(name: string): boolean {
  return name.includes('\\') || CONTROL.test(name);
}

/** The folder that a path from the root lies in, or null. */
export function folderOfPath(path: string): Folder | null {
  return FOLDERS.find((folder) => path.startsWith(`${folder}/`)) ?? null;
}

/**
 * What is wrong with a path from outside, or null. It could have come from `readBundle`, or it is refused:
 * such a path may one day be written to a disk, and must not lead anywhere but into the three folders.
 */
export function pathFault(path: string): string | null {
  if (path === '') return 'is empty';
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) return 'is absolute; paths are relative to the root';
  if (path.includes('\\')) return 'has a backslash; paths are written with /';
  if (CONTROL.test(path) || /\p{Cs}/u.test(path)) return 'has a control character or half a surrogate pair';
  const segments = path.split('/');
  if (segments.includes('')) return 'has an empty part';
  if (segments.includes('.') || segments.includes('..')) return 'has a part that is . or ..';
  if (folderOfPath(path) === null) return `does not lie in ${FOLDERS.map((folder) => `${folder}/`).join(', ')}`;
  if (segments.some(isHidden)) return 'has a part that begins with a dot; hidden files are no part of a bundle';
  if (segments.some((segment) => Buffer.byteLength(segment) > MAX_NAME_BYTES)) {
    return `has a part longer than ${MAX_NAME_BYTES} bytes`;
  }
  return null;
}
