import { type Bundle, FOLDERS, type Folder } from '../bundle/bundle.ts';
import { isScript } from '../bundle/file-kind.ts';
import { checkScripts } from '../sql/check-script.ts';
import type { ScriptCache } from '../sql/script-cache.ts';
import { ScriptReader } from '../sql/script-reader.ts';
import { type Problem, sortProblems } from './problem.ts';
import type { Rule } from './rule.ts';
import { caseCollision } from './rules/case-collision.ts';
import { encoding } from './rules/encoding.ts';
import { fileAccess } from './rules/file-access.ts';
import { fileName } from './rules/file-name.ts';
import { orderManifest } from './rules/order-manifest.ts';
import { ordinalDuplicate } from './rules/ordinal-duplicate.ts';
import { ordinalGap } from './rules/ordinal-gap.ts';
import { strayFile } from './rules/stray-file.ts';

const STRUCTURE_RULES: readonly Rule[] = [
  fileAccess,
  fileName,
  ordinalGap,
  ordinalDuplicate,
  orderManifest,
  strayFile,
  caseCollision,
  encoding,
];

/**
 * Every problem of a bundle at once, in the order a person mends them. Empty means valid.
 * @param folders the folders to judge; default all three
 * @param scripts what other runs of this process know of files already
 */
export async function validate(
  bundle: Bundle,
  folders: readonly Folder[] = FOLDERS,
  scripts: ScriptCache | null = null,
): Promise<Problem[]> {
  const structure = validateStructure(bundle, folders);
  const garbled = new Set(structure.filter(({ rule }) => rule === 'encoding').map(({ path }) => path));
  const judged = bundle.files.filter(
    (file) => folders.includes(file.folder) && isScript(file.name) && !garbled.has(file.path),
  );
  return sortProblems([...structure, ...(await checkScripts(judged, new ScriptReader(scripts)))]);
}

/**
 * The problems that need no SQL parser, in the order a person mends them: names, order, access and encoding.
 * A few milliseconds for a thousand files.
 * @param folders the folders to judge; default all three
 */
export function validateStructure(bundle: Bundle, folders: readonly Folder[] = FOLDERS): Problem[] {
  const part = narrow(bundle, folders);
  return sortProblems(STRUCTURE_RULES.flatMap((rule) => rule(part)));
}

function narrow(bundle: Bundle, folders: readonly Folder[]): Bundle {
  if (FOLDERS.every((folder) => folders.includes(folder))) return bundle;
  return {
    digest: bundle.digest,
    files: bundle.files.filter((file) => folders.includes(file.folder)),
    unusable: bundle.unusable.filter((entry) => folders.includes(entry.folder)),
    folders: new Set(folders.filter((folder) => bundle.folders.has(folder))),
  };
}
