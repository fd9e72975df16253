/** A file that a tree shows, with what is to stand beside it. */
export interface TreeFile {
  readonly path: string;
  /** A state of `ui/status.ts`; null: nothing is to be said of it. */
  readonly status: string | null;
  /** Of problems, where there are some. */
  readonly count?: number;
}

/** A line of a tree. */
export type TreeRow =
  | {
      readonly kind: 'folder';
      readonly path: string;
      readonly name: string;
      readonly level: number;
      readonly files: number;
      /** Of its files, those that something is to be said of. */
      readonly marked: number;
      readonly isOpen: boolean;
    }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly name: string;
      readonly level: number;
      readonly file: TreeFile;
    };

interface Branch {
  readonly folders: Map<string, Branch>;
  readonly files: TreeFile[];
}

const BY_NATURE = new Intl.Collator('en', { numeric: true });

/**
 * The lines of a tree of files, folders before files, numbers in names counted as numbers.
 * @param closed paths of the folders that are not open
 */
export function treeRows(files: readonly TreeFile[], closed: ReadonlySet<string>): TreeRow[] {
  const root: Branch = { folders: new Map(), files: [] };
  for (const file of files) {
    let branch = root;
    for (const name of file.path.split('/').slice(0, -1)) {
      const next = branch.folders.get(name) ?? { folders: new Map(), files: [] };
      branch.folders.set(name, next);
      branch = next;
    }
    branch.files.push(file);
  }
  return rowsOf(root, '', 1, closed);
}

function rowsOf(branch: Branch, path: string, level: number, closed: ReadonlySet<string>): TreeRow[] {
  const rows: TreeRow[] = [];
  for (const [name, below] of [...branch.folders].sort(([a], [b]) => BY_NATURE.compare(a, b))) {
    const own = `${path}${name}/`;
    const isOpen = !closed.has(own);
    rows.push({ kind: 'folder', path: own, name, level, isOpen, ...sumOf(below) });
    if (isOpen) rows.push(...rowsOf(below, own, level + 1, closed));
  }
  const files = branch.files.map((file) => ({ name: file.path.slice(path.length), file }));
  for (const { name, file } of files.sort((a, b) => BY_NATURE.compare(a.name, b.name))) {
    rows.push({ kind: 'file', path: file.path, name, level, file });
  }
  return rows;
}

function sumOf({ folders, files }: Branch): { files: number; marked: number } {
  let sum = { files: files.length, marked: files.filter(({ status }) => status !== null).length };
  for (const below of folders.values()) {
    const { files: more, marked } = sumOf(below);
    sum = { files: sum.files + more, marked: sum.marked + marked };
  }
  return sum;
}
