import type { BundleFile } from '../../bundle/bundle.ts';
import { baseNameOf, isScript, ORDER_MANIFEST, parentOf } from '../../bundle/file-kind.ts';
import { compareNatural } from '../../bundle/natural-order.ts';
import { looksLikeScript } from '../ordinal-entries.ts';
import { fileProblem, type Problem } from '../problem.ts';
import type { Rule } from '../rule.ts';

const KEEP_ELSEWHERE =
  'If it is not meant to run, move it out of the folder; only dotfiles and *.md files may lie there.';

/** Rule stray-file: a file that would silently never run. Dotfiles and `*.md` are not in a bundle at all. */
export const strayFile: Rule = (bundle) => {
  const subFolders = bundle.files
    .filter((file) => file.folder === 'create')
    .map((file) => parentOf(file.name))
    .filter((name) => name !== '')
    .sort(compareNatural);
  return bundle.files.flatMap((file) =>
    file.folder === 'create' ? strayInCreate(file, subFolders[0] ?? '1-tables') : strayAmongOrdinals(file),
  );
};

function strayAmongOrdinals(file: BundleFile): Problem[] {
  // A script whose name is wrong is for the rule file-name.
  if (looksLikeScript(file.name)) return [];
  if (file.name === ORDER_MANIFEST) {
    return [
      stray(
        file,
        `An order.json has no effect in ${file.folder}/: files run by their ordinals there.`,
        'Take it away, and give the files the ordinals they are to run by.',
      ),
    ];
  }
  return [
    stray(
      file,
      `This would silently never run: ${noSuffix(file.name)}.`,
      `If it is to run, rename it to <5 digits>-<rest>.sql. ${KEEP_ELSEWHERE}`,
    ),
  ];
}

function strayInCreate(file: BundleFile, subFolder: string): Problem[] {
  const baseName = baseNameOf(file.name);
  if (parentOf(file.name) === '') {
    return [
      stray(
        file,
        'This would silently never run: it lies directly under create/, where only sub-folders are run.',
        looksLikeScript(baseName)
          ? `Move it into a sub-folder, for example to create/${subFolder}/${baseName.trim().replace(/\.sql$/i, '.sql')}.`
          : baseName === ORDER_MANIFEST
            ? 'Sub-folders run in natural order (2-x before 10-x): number them, or move this file into the sub-folder it is for.'
            : KEEP_ELSEWHERE,
      ),
    ];
  }
  if (isScript(baseName) || baseName === ORDER_MANIFEST) return [];
  const hint = `${meantName(baseName)}${KEEP_ELSEWHERE}`;
  return [stray(file, `This would silently never run: ${noSuffix(baseName)}.`, hint)];
}

function meantName(baseName: string): string {
  if (looksLikeScript(baseName)) return `Rename it to ${baseName.trim().replace(/\.sql$/i, '.sql')}. `;
  if (baseName.trim().toLowerCase() === ORDER_MANIFEST) return `Rename it to ${ORDER_MANIFEST}. `;
  return 'If it is to run, give it the suffix .sql. ';
}

function noSuffix(name: string): string {
  if (name.trim().toLowerCase() === ORDER_MANIFEST) return `only ${ORDER_MANIFEST}, spelt just so, gives the order`;
  if (looksLikeScript(name)) return 'its name does not end in .sql, in lower case and without a space behind';
  return /\.sql\b/i.test(name) ? 'something follows the .sql in its name' : 'its name does not end in .sql';
}

function stray(file: BundleFile, message: string, hint: string): Problem {
  return fileProblem('stray-file', file.path, message, hint);
}
