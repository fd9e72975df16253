import { FOLDERS, type Folder, type Mode, type Problem } from '@postgres-manager/sql-deploy';

/** What each mode reads; a fault elsewhere must not keep anyone from repairing an instance. */
const FOLDERS_OF_MODE: Readonly<Record<Mode, readonly Folder[]>> = {
  create: ['create', 'deployment'],
  deployment: ['deployment'],
  'manual-deployment': ['manual-deployment'],
};

/** Those problems of a bundle that are in the way of a deployment in `mode`. */
export function problemsOfMode(problems: readonly Problem[], mode: Mode): Problem[] {
  const folders = FOLDERS_OF_MODE[mode];
  const known = new Set<string>(FOLDERS);
  return problems.filter(({ path }) => {
    const folder = path.split('/', 1)[0] ?? '';
    return !known.has(folder) || folders.includes(folder as Folder);
  });
}
