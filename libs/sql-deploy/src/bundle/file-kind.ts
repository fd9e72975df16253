/** The file that gives the order of a sub-folder of `create/`. */
export const ORDER_MANIFEST = 'order.json';

/** Dotfiles and notes may lie anywhere; they are no part of a bundle. */
export function isIgnoredFile(baseName: string): boolean {
  return isHidden(baseName) || /\.md$/i.test(baseName);
}

/** A name that begins with a dot. */
export function isHidden(baseName: string): boolean {
  return baseName.startsWith('.');
}

/** A file that is sent to the server. The suffix is exact: `.SQL` is not one, on no file system. */
export function isScript(baseName: string): boolean {
  return baseName.endsWith('.sql');
}

/** Whether a file's content matters. Of any other file the name alone is taken, so that it can be pointed out. */
export function hasContent(baseName: string): boolean {
  return isScript(baseName) || baseName === ORDER_MANIFEST;
}

/** The last part of a path: `tbl_note.sql` of `1-tables/tbl_note.sql`. */
export function baseNameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** What stands before the last slash of a path; empty when there is none. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
