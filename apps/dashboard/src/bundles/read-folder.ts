/** A file that was chosen, by its path from the root of the three folders. */
export interface ChosenFile {
  readonly path: string;
  readonly file: File;
}

/** What of a chosen folder is taken, and what keeps it from being sent. */
export interface ChosenFolder {
  readonly files: readonly ChosenFile[];
  readonly sizeBytes: number;
  /** Null: it may be sent. */
  readonly fault: string | null;
}

const FOLDERS = ['create', 'deployment', 'manual-deployment'];
const MOST_FILES = 50_000;
/** The service may take less (`BODY_LIMIT_BYTES`), and then says so; more would be much for a page to hold. */
const MOST_BYTES = 48 * 1024 * 1024;

/**
 * The three folders of what was chosen: a repository that holds them, or one of them by itself. Dotfiles and notes are
 * no part of a bundle, and what lies beside the folders isn't either.
 * @param chosen with paths from the chosen folder on, its own name first
 */
export function takeFolders(chosen: readonly ChosenFile[]): ChosenFolder {
  const files = chosen.flatMap(({ path, file }) => {
    const parts = path.split('/').filter((part) => part !== '');
    const from = parts.slice(0, 2).findIndex((part) => FOLDERS.includes(part));
    const own = parts.slice(from);
    const isOurs = from >= 0 && own.length > 1 && !own.some((part) => part.startsWith('.')) && !/\.md$/i.test(path);
    return isOurs ? [{ path: own.join('/'), file }] : [];
  });
  const sizeBytes = files.reduce((sum, { file }) => sum + file.size, 0);
  return { files, sizeBytes, fault: faultOf(files.length, sizeBytes, chosen.length) };
}

function faultOf(count: number, sizeBytes: number, chosen: number): string | null {
  if (chosen === 0) return 'The folder is empty. Nothing was sent.';
  if (count === 0) {
    return 'There is no create/, deployment/ or manual-deployment/ in it with files. Choose the folder that holds them. Nothing was sent.';
  }
  if (count > MOST_FILES) return `It has ${count} files; a bundle has ${MOST_FILES} at most. Nothing was sent.`;
  if (sizeBytes > MOST_BYTES) {
    return `It has ${Math.ceil(sizeBytes / 1024 / 1024)} MiB; from the browser ${MOST_BYTES / 1024 / 1024} MiB are taken at most. Send it with the command: postgres-manager deploy --bundle DIR. Nothing was sent.`;
  }
  return null;
}

/** Files chosen with `<input webkitdirectory>`. */
export function chosenByInput(list: FileList): ChosenFile[] {
  return [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** Files and folders dropped, folders with all that is below them. Several may be dropped: the three by themselves. */
export async function chosenByDrop(items: DataTransferItemList): Promise<ChosenFile[]> {
  // Taken at once: after the event is over the list is empty.
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const found: ChosenFile[] = [];
  for (const entry of entries) await collect(entry, entry.name, found);
  return found;
}

async function collect(entry: FileSystemEntry, path: string, into: ChosenFile[]): Promise<void> {
  if (entry.name.startsWith('.') || entry.name === 'node_modules' || into.length > MOST_FILES) return;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    into.push({ path, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader gives some at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const below of some) await collect(below, `${path}/${below.name}`, into);
  }
}

/** The body of POST /v1/bundles: texts as they are, what is not UTF-8 byte for byte. */
export async function bundleBody(
  files: readonly ChosenFile[],
): Promise<{ files: ({ path: string; content: string } | { path: string; contentBase64: string })[] }> {
  return { files: await Promise.all(files.map(async ({ path, file }) => ({ path, ...(await contentOf(file)) }))) };
}

async function contentOf(file: File): Promise<{ content: string } | { contentBase64: string }> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    return { content: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    let binary = '';
    for (const byte of bytes) binary += String.fromCharCode(byte);
    return { contentBase64: btoa(binary) };
  }
}
