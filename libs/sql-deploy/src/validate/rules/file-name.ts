import type { Bundle, Folder } from '../../bundle/bundle.ts';
import { hasForbiddenCharacter } from '../../bundle/bundle-path.ts';
import { baseNameOf, parentOf } from '../../bundle/file-kind.ts';
import { MAX_ORDINAL } from '../../bundle/ordinal.ts';
import { ordinalEntries } from '../ordinal-entries.ts';
import { fileProblem, type Problem } from '../problem.ts';
import { renameOffers } from '../rename-offers.ts';
import type { Rule } from '../rule.ts';

/**
 * Rule file-name: deployment and manual-deployment files are named `<5 digits>-<rest>.sql`,
 * and no name anywhere holds a backslash or a control character.
 */
export const fileName: Rule = (bundle) => [
  ...misnamed(bundle, 'deployment', 'close'),
  ...misnamed(bundle, 'manual-deployment', 'keep'),
  ...forbiddenCharacters(bundle),
];

function misnamed(bundle: Bundle, folder: Folder, holes: 'close' | 'keep'): Problem[] {
  const entries = ordinalEntries(bundle, folder);
  const wrong = entries.filter((entry) => entry.faults.length > 0 && !entry.placeholder);
  if (wrong.length === 0) return [];
  const offers = renameOffers(entries, holes);
  return wrong
    .filter(({ name }) => !hasForbiddenCharacter(name))
    .map(({ path, name, faults }) => {
      const offered = offers.get(name);
      return fileProblem(
        'file-name',
        path,
        `The name is not of the form <5 digits>-<rest>.sql: ${faults.join(', and ')}.`,
        offered === undefined
          ? `Rename it; no ordinal is left above the highest in ${folder}/, for they end at ${MAX_ORDINAL}.`
          : `Rename it to ${offered}.`,
      );
    });
}

function forbiddenCharacters(bundle: Bundle): Problem[] {
  const paths = new Set<string>();
  for (const { path, folder } of [...bundle.files, ...bundle.unusable]) {
    if (hasForbiddenCharacter(baseNameOf(path))) paths.add(path);
    const parent = parentOf(path);
    if (parent !== folder && hasForbiddenCharacter(baseNameOf(parent))) paths.add(parent);
  }
  return [...paths].map((path) =>
    fileProblem(
      'file-name',
      path,
      `The name ${JSON.stringify(baseNameOf(path))} holds a backslash or a control character, which other systems read differently.`,
      `Rename it, for example to ${JSON.stringify(cleaned(baseNameOf(path)))}.`,
    ),
  );
}

function cleaned(name: string): string {
  return [...name].map((character) => (hasForbiddenCharacter(character) ? '-' : character)).join('');
}
