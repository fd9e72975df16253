// Keeps the documents in step with the code: what they must name, and what they name that must be there.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const ERROR_PAGE = 'docs/errors.md';
/** Unions of names that a user may meet; each name stands on the page of errors. */
const NAMES_ON_ERROR_PAGE = [
  { file: 'libs/sql-deploy/src/errors.ts', type: 'ErrorCode' },
  { file: 'libs/sql-deploy/src/validate/problem.ts', type: 'RuleName' },
  { file: 'libs/control-plane/src/errors.ts', type: 'ControlPlaneErrorCode' },
  { file: 'apps/api/src/http/problem.ts', type: 'RequestErrorCode' },
];
const NOT_OURS = new Set(['node_modules', 'dist', '.git', '.local']);

/**
 * @param {string} root the repository's folder
 * @returns {string[]} one line for each fault, empty when there is none
 */
export function findDocFaults(root) {
  const documents = markdownFiles(root);
  return [
    ...namesMissingOnErrorPage(root),
    ...documents.flatMap((path) => deadLinks(root, path)),
    ...documents.flatMap((path) => unknownScripts(root, path)),
  ];
}

/** @param {string} root */
function namesMissingOnErrorPage(root) {
  if (!existsSync(join(root, ERROR_PAGE))) {
    return [`${ERROR_PAGE} is missing: it explains every error code and rule to the user who meets it.`];
  }
  const page = readFileSync(join(root, ERROR_PAGE), 'utf8');
  return NAMES_ON_ERROR_PAGE.flatMap(({ file, type }) => {
    const names = membersOfUnion(readFileSync(join(root, file), 'utf8'), type);
    if (names.length === 0) return [`${file} has no union ${type} of strings that this check can read.`];
    return names
      .filter((name) => !page.includes(`\`${name}\``))
      .map((name) => `${ERROR_PAGE} does not explain \`${name}\` (${type} in ${file}).`);
  });
}

/**
 * @param {string} source TypeScript
 * @param {string} type the name of a union of string literals
 */
function membersOfUnion(source, type) {
  const declaration = new RegExp(`export type ${type} =([^;]*);`).exec(source)?.[1] ?? '';
  return [...declaration.replaceAll(/\/\/.*$/gm, '').matchAll(/'([^']+)'/g)].map(([, name = '']) => name);
}

/**
 * @param {string} root
 * @param {string} path of a Markdown file, relative to the root
 */
function deadLinks(root, path) {
  const text = withoutCode(readFileSync(join(root, path), 'utf8'));
  const targets = [
    ...[...text.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)].map(([, target = '']) => target),
    ...[...text.matchAll(/^\s*\[[^\]]+\]:\s*(\S+)/gm)].map(([, target = '']) => target),
  ];
  return targets
    .filter((target) => !/^[a-z][a-z+.-]*:/i.test(target))
    .filter((target) => !leadsSomewhere(root, path, target))
    .map((target) => `${path} links to ${target}, which is not there.`);
}

/**
 * @param {string} root
 * @param {string} path
 * @param {string} target a relative link, perhaps with an anchor
 */
function leadsSomewhere(root, path, target) {
  const [file = '', anchor] = decodeURIComponent(target).split('#', 2);
  const destination = file === '' ? join(root, path) : join(root, file.startsWith('/') ? '' : dirname(path), file);
  if (relative(root, destination).startsWith('..') || !existsSync(destination)) return false;
  if (anchor === undefined || !destination.endsWith('.md')) return true;
  const document = readFileSync(destination, 'utf8');
  return headingAnchors(document).has(anchor) || document.includes(`<a id="${anchor}"`);
}

/**
 * The anchors of a document's headings, as forges make them: lower case, punctuation dropped, spaces to hyphens.
 * @param {string} document
 */
function headingAnchors(document) {
  const anchors = new Set();
  for (const [, heading = ''] of withoutCodeBlocks(document).matchAll(/^#{1,6}\s+(.*?)\s*#*$/gm)) {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-');
    let anchor = slug;
    for (let again = 1; anchors.has(anchor); again++) anchor = `${slug}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}

/**
 * @param {string} root
 * @param {string} path
 */
function unknownScripts(root, path) {
  const text = readFileSync(join(root, path), 'utf8');
  const called = new Set([...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, script = '']) => script));
  const known = [...new Set(['package.json', join(dirname(path), 'package.json')])]
    .map((file) => join(root, file))
    .filter((file) => existsSync(file))
    .flatMap((file) => Object.keys(JSON.parse(readFileSync(file, 'utf8')).scripts ?? {}));
  return [...called]
    .filter((script) => !known.includes(script))
    .map((script) => `${path} names \`npm run ${script}\`, which package.json does not have.`);
}

/** @param {string} text */
function withoutCode(text) {
  return withoutCodeBlocks(text).replaceAll(/(`+)[^`].*?\1/gs, '');
}

/** @param {string} text */
function withoutCodeBlocks(text) {
  return text.replaceAll(/^ *(```+|~~~+)[\s\S]*?^ *\1/gm, '');
}

/**
 * @param {string} root
 * @param {string} [folder] relative to the root
 * @returns {string[]} paths relative to the root
 */
function markdownFiles(root, folder = '') {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : markdownFiles(root, path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}
