/** The three folders a bundle is made of, and what each is for: see docs/sql-folders.md. */
export type Folder = 'create' | 'deployment' | 'manual-deployment';

/** A deployment runs in one mode; each mode runs the folder of the same name. */
export type Mode = Folder;

export const FOLDERS: readonly Folder[] = ['create', 'deployment', 'manual-deployment'];

/** One file of a bundle: a `.sql` file, an `order.json`, or a file that does not belong there. */
export interface BundleFile {
  /** Relative to the root, with `/`: `create/1-tables/tbl_note.sql`. */
  readonly path: string;
  readonly folder: Folder;
  /** Relative to its folder: `1-tables/tbl_note.sql`. This is the file's name in the ledger. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** Something found in the folders that could not be taken into the bundle as a file. */
export interface UnusableEntry {
  readonly path: string;
  readonly folder: Folder;
  readonly name: string;
  readonly reason:
    | 'directory' // a directory where only files belong (`deployment/00000-x.sql/`)
    | 'not-a-folder' // a file that bears the name of one of the three folders
    | 'special' // a socket, device or pipe
    | 'link-outside' // a symbolic link that leads out of the root, or nowhere
    | 'unreadable' // permission denied, or an I/O error
    | 'too-large'; // more bytes than MAX_FILE_BYTES
  /** What is known besides, for the message: an errno code, a size in bytes. */
  readonly detail: string;
}

/** An immutable snapshot of the three folders. */
export interface Bundle {
  /** SHA-256 over the paths and digests of its files, 64 hexadecimal digits. */
  readonly digest: string;
  /**
   * Sorted by path, bytewise, whatever the order on disk. Dotfiles and `*.md` are not in it.
   * A file that is neither `.sql` nor `order.json` is there by its name alone: its bytes are empty.
   */
  readonly files: readonly BundleFile[];
  readonly unusable: readonly UnusableEntry[];
  /** Which of the three folders exist at all. */
  readonly folders: ReadonlySet<Folder>;
}

/** The largest file a bundle takes: 52,428,800 bytes. */
export const MAX_FILE_BYTES = 50 * 1024 * 1024;
