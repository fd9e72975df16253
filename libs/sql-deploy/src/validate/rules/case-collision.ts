import type { Bundle } from '../../bundle/bundle.ts';
import { baseNameOf, parentOf } from '../../bundle/file-kind.ts';
import { compareBytewise } from '../../bundle/natural-order.ts';
import { fileProblem, type Problem } from '../problem.ts';
import type { Rule } from '../rule.ts';

/**
 * Rule case-collision: no two names side by side that differ only in case, or in how an accented letter is composed.
 * On the file systems of macOS and Windows they are one file, so a checkout there would lose one of them.
 */
export const caseCollision: Rule = (bundle) => {
  const first = new Map<string, string>();
  const problems: Problem[] = [];
  for (const path of [...allPaths(bundle)].sort(compareBytewise)) {
    const key = `${parentOf(path)}/${folded(baseNameOf(path))}`;
    const other = first.get(key);
    if (other === undefined) first.set(key, path);
    else problems.push(collision(path, other));
  }
  return problems;
};

function allPaths(bundle: Bundle): Set<string> {
  const paths = new Set<string>();
  for (const { path, folder } of [...bundle.files, ...bundle.unusable]) {
    if (path === folder) continue;
    paths.add(path);
    const parent = parentOf(path);
    if (parent !== folder) paths.add(parent);
  }
  return paths;
}

// oxlint-disable-next-line no-control-regex -- the whole of ASCII is meant
const ASCII = /^[\u0000-\u007f]*$/;

/** Upper and then lower case, which brings together what only one of the two does (ß and ẞ, ς and σ). */
function folded(name: string): string {
  if (ASCII.test(name)) return name.toLowerCase();
  return name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

function collision(path: string, other: string): Problem {
  const name = baseNameOf(path);
  const otherName = baseNameOf(other);
  const onlyComposed = name.normalize('NFC') === otherName.normalize('NFC');
  return fileProblem(
    'case-collision',
    path,
    onlyComposed
      ? 'A name beside this one differs only in how an accented letter is composed: on macOS the two are one file.'
      : `The name differs only in upper and lower case from ${otherName}: on macOS and Windows the two are one file.`,
    'Rename one of the two, or take one away if they are the same thing twice.',
  );
}
