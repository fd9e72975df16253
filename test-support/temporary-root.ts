import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder of one test's own, to be removed by it: `onTestFinished(() => root.remove())`. */
export interface TemporaryRoot {
  readonly path: string;
  /** Writes further files, or writes over some. */
  write(files: Files): Promise<void>;
  remove(): Promise<void>;
}

/** Content by path relative to the root, with `/`. A path ending in `/` makes an empty folder. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Makes a folder that holds the given files. */
export async function temporaryRoot(files: Files = {}): Promise<TemporaryRoot> {
  const path = await mkdtemp(join(tmpdir(), 'pm-root-'));
  await writeFiles(path, files);
  return {
    path,
    write: (further) => writeFiles(path, further),
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

async function writeFiles(root: string, files: Files): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    if (name.endsWith('/')) {
      await mkdir(path, { recursive: true });
      continue;
    }
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}
