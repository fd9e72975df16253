// Carries out a Dockerfile without a container engine: each stage is a folder. Knows the few instructions that ours
// has, and refuses the rest, so that it can't pass by what it does not understand.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

/** @typedef {{ folder: string, workdir: string, env: Record<string, string>, user: string, command: string[] }} Stage */

/**
 * @param {string} context the folder that is built from
 * @param {string} into an empty folder for the stages
 * @param {(line: string) => void} say told of each instruction
 * @returns {Stage} the last stage
 */
export function carryOut(context, into, say) {
  const isIgnored = ignoreRules(readFileSync(join(context, '.dockerignore'), 'utf8'));
  /** @type {Map<string, Stage>} */
  const stages = new Map();
  /** @type {Stage | undefined} */
  let stage;
  for (const [word, rest] of instructions(readFileSync(join(context, 'Dockerfile'), 'utf8'))) {
    say(`${word} ${rest}`);
    if (word === 'FROM') {
      const [, base = '', name] = /^(\S+)(?:\s+AS\s+(\S+))?$/.exec(rest) ?? [];
      stage = newStage(join(into, name ?? 'image'), stages.get(base));
      stages.set(name ?? 'image', stage);
    } else if (stage === undefined) {
      throw new Error(`${word} stands before FROM.`);
    } else if (word === 'COPY') {
      copy(stage, rest, (from) => (from === null ? { root: context, isIgnored } : copied(stages.get(from), from)));
    } else {
      apply(stage, word, rest);
    }
  }
  if (stage === undefined) throw new Error('The Dockerfile has no FROM.');
  return stage;
}

/**
 * @param {string} folder
 * @param {Stage | undefined} base
 * @returns {Stage}
 */
function newStage(folder, base) {
  mkdirSync(folder, { recursive: true });
  if (base !== undefined) cpSync(base.folder, folder, { recursive: true, verbatimSymlinks: true });
  return { folder, workdir: base?.workdir ?? '/', env: { ...base?.env }, user: 'root', command: [] };
}

/**
 * @param {Stage} stage
 * @param {string} word
 * @param {string} rest
 */
function apply(stage, word, rest) {
  switch (word) {
    case 'WORKDIR':
      stage.workdir = rest;
      mkdirSync(join(stage.folder, rest), { recursive: true });
      return;
    case 'ENV': {
      const [, name = '', value = ''] = /^(\w+)=(\S*)$/.exec(rest) ?? [];
      stage.env[name] = value;
      return;
    }
    case 'USER':
      stage.user = rest;
      return;
    case 'CMD':
      stage.command = JSON.parse(rest);
      return;
    case 'EXPOSE':
      return;
    case 'RUN': {
      const { PATH = '', HOME = '' } = process.env;
      const run = spawnSync('/bin/sh', ['-c', rest], {
        cwd: join(stage.folder, stage.workdir),
        env: { PATH, HOME, ...stage.env },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      if (run.status !== 0) throw new Error(`RUN ${rest} ended with ${run.status}.`);
      return;
    }
    default:
      throw new Error(`${word} is not known here: teach scripts/dockerfile.mjs, or do without.`);
  }
}

/**
 * @param {Stage} stage
 * @param {string} rest
 * @param {(from: string | null) => { root: string, isIgnored: (path: string) => boolean }} sourceOf
 */
function copy(stage, rest, sourceOf) {
  const words = rest.split(/\s+/);
  const from = words[0]?.startsWith('--from=') ? (words.shift() ?? '').slice('--from='.length) : null;
  const { root, isIgnored } = sourceOf(from);
  const target = words.pop() ?? '';
  const destination = target.startsWith('/') ? join(stage.folder, target) : join(stage.folder, stage.workdir, target);
  for (const word of words) {
    const source = join(root, word);
    if (!existsSync(source)) throw new Error(`COPY ${word}: there is no such file.`);
    const isFolder = readdirOrNull(source) !== null;
    const to = target.endsWith('/') && !isFolder ? join(destination, basename(source)) : destination;
    mkdirSync(dirname(to), { recursive: true });
    cpSync(source, to, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !isIgnored(relative(root, path)),
    });
  }
}

/**
 * @param {Stage | undefined} stage
 * @param {string} name
 */
function copied(stage, name) {
  if (stage === undefined) throw new Error(`COPY --from=${name}: there is no such stage.`);
  return { root: stage.folder, isIgnored: () => false };
}

/**
 * The rules of a .dockerignore as ours has them: names from the root, `**` for any folders, `*` within a name.
 * @param {string} text
 */
function ignoreRules(text) {
  const patterns = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      if (line.startsWith('!')) throw new Error('.dockerignore: exceptions are not known here.');
      const expression = line
        .split('/')
        .map((part) => (part === '**' ? '(?:[^/]+/)*' : `${part.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}/`))
        .join('');
      return new RegExp(`^${expression}`);
    });
  return (/** @type {string} */ path) => patterns.some((pattern) => pattern.test(`${path}/`));
}

/**
 * @param {string} text of a Dockerfile
 * @returns {[word: string, rest: string][]}
 */
export function instructions(text) {
  return text
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const space = line.indexOf(' ');
      return [line.slice(0, space).toUpperCase(), line.slice(space + 1).trim()];
    });
}

/** @param {string} path */
function readdirOrNull(path) {
  try {
    return readdirSync(path);
  } catch {
    return null;
  }
}
