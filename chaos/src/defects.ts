import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An edit of the built product that breaks what must always hold. */
interface Defect {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Which experiment is to notice, and how. */
  readonly noticedBy: string;
}

/** By the name that `--break` takes. */
export const DEFECTS: Readonly<Record<string, Defect>> = {};

const PARTS = ['apps/api', 'apps/worker', 'libs/control-plane', 'libs/sql-deploy'];
const COPIED = ['package.json', 'dist', 'bin', 'schema'];

/**
 * Gives a folder with the product as built; with a defect, a copy of it that is removed in the end. The checkout is
 * left as it is.
 * @throws Error when there is no such defect, or what it would change is not there any more
 */
export async function withDefect<T>(
  root: string,
  name: string | null,
  use: (productRoot: string) => Promise<T>,
): Promise<T> {
  if (name === null) return await use(root);
  const defect = DEFECTS[name];
  if (defect === undefined) throw new Error(`There is no defect ${name}: ${Object.keys(DEFECTS).join(', ')}.`);
  const copy = await mkdtemp(join(tmpdir(), 'pm-chaos-broken-'));
  try {
    await copyProduct(root, copy);
    const file = join(copy, defect.file);
    const text = await readFile(file, 'utf8');
    if (!text.includes(defect.from)) throw new Error(`${defect.file} has no ${JSON.stringify(defect.from)} any more.`);
    await writeFile(file, text.replaceAll(defect.from, defect.to));
    return await use(copy);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** Packages are linked to where they are; those of the product itself to their copies. */
async function copyProduct(root: string, copy: string): Promise<void> {
  for (const part of PARTS) {
    await mkdir(join(copy, part), { recursive: true });
    for (const name of COPIED) {
      await cp(join(root, part, name), join(copy, part, name), { recursive: true }).catch(ignoreMissing);
    }
  }
  const packages = join(copy, 'node_modules');
  await mkdir(join(packages, '@postgres-manager'), { recursive: true });
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (name !== '@postgres-manager') await symlink(join(root, 'node_modules', name), join(packages, name));
  }
  for (const part of PARTS) {
    await symlink(join(copy, part), join(packages, '@postgres-manager', part.split('/')[1] ?? ''));
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as { code?: unknown }).code !== 'ENOENT') throw error;
}
