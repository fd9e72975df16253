// Redis has no npm package that runs everywhere, so it comes from the system: found if it is there, else installed
// with the system's package manager where that needs no password, else explained.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const PROGRAMS = ['redis-server', 'valkey-server'];
/** Where these programs are on systems that leave such folders out of a plain user's PATH. */
const USUAL_FOLDERS = ['/usr/bin', '/usr/local/bin', '/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin'];
/** For a machine whose network swallows everything. */
const COMMAND_TIMEOUT_MS = 180_000;

/**
 * @typedef {object} PackageManager
 * @property {string} program
 * @property {string[][]} prepare commands to run first; one that fails stops nothing
 * @property {string[][]} install one command for each package that may be the right one, tried in order
 * @property {boolean} asRoot
 */

/** @type {readonly PackageManager[]} */
const PACKAGE_MANAGERS = [
  {
    program: 'apt-get',
    prepare: [['apt-get', 'update', '-q']],
    install: named(['apt-get', 'install', '-y', '-q', '--no-install-recommends'], ['redis-server', 'valkey-server']),
    asRoot: true,
  },
  { program: 'dnf', prepare: [], install: named(['dnf', 'install', '-y', '-q'], ['valkey', 'redis']), asRoot: true },
  { program: 'yum', prepare: [], install: named(['yum', 'install', '-y', '-q'], ['valkey', 'redis']), asRoot: true },
  { program: 'apk', prepare: [], install: named(['apk', 'add', '--no-cache'], ['redis', 'valkey']), asRoot: true },
  {
    program: 'pacman',
    prepare: [],
    install: named(['pacman', '-Sy', '--noconfirm', '--needed'], ['valkey', 'redis']),
    asRoot: true,
  },
  {
    program: 'zypper',
    prepare: [],
    install: named(['zypper', '--non-interactive', 'install'], ['valkey', 'redis']),
    asRoot: true,
  },
  { program: 'brew', prepare: [], install: named(['brew', 'install'], ['redis', 'valkey']), asRoot: false },
];

/**
 * The Redis (or Valkey) server program of this machine.
 * @param {string} [path] the folders to look in, as in PATH
 * @returns {string | null} its full path
 */
export function findRedis(path = [process.env.PATH ?? '', ...USUAL_FOLDERS].join(delimiter)) {
  for (const program of PROGRAMS) {
    const found = findProgram(program, path);
    if (found !== null) return found;
  }
  return null;
}

/**
 * Finds the server program, or installs it.
 * @param {object} [machine] what to take for this machine; tests hand in another
 * @param {string} [machine.path] the folders of programs, as in PATH
 * @param {boolean} [machine.isRoot]
 * @param {(text: string) => void} [machine.say] told before something that takes time
 * @returns {{ program: string, advice: null } | { program: null, advice: string }} where it is, or what to type
 */
export function findOrInstallRedis({ path, isRoot = process.getuid?.() === 0, say = () => undefined } = {}) {
  const found = findRedis(path);
  if (found !== null) return { program: found, advice: null };
  const searched = path ?? process.env.PATH ?? '';
  const manager = PACKAGE_MANAGERS.find(({ program }) => findProgram(program, searched) !== null);
  if (manager === undefined) return { program: null, advice: ADVICE_WITHOUT_MANAGER };

  const prefix = manager.asRoot && !isRoot ? ['sudo', '-n'] : [];
  const commands = [...manager.prepare, ...manager.install.slice(0, 1)];
  const typed = commands.map((command) => (manager.asRoot && !isRoot ? ['sudo', ...command] : command).join(' '));
  const advice = `Type this, or set REDIS_URL to a server of your own:\n    ${typed.join(' && ')}`;
  if (prefix.length > 0 && !succeeds([...prefix, 'true'], searched)) return { program: null, advice };
  if (manager.program === 'brew' && isRoot) return { program: null, advice };

  say(`Installing Redis with ${manager.program} …`);
  for (const command of manager.prepare) succeeds([...prefix, ...command], searched);
  for (const command of manager.install) {
    if (!succeeds([...prefix, ...command], searched)) continue;
    const installed = findRedis(path);
    if (installed !== null) return { program: installed, advice: null };
  }
  return { program: null, advice: `${manager.program} could not install it. ${advice}` };
}

const ADVICE_WITHOUT_MANAGER =
  'No package manager known here was found. Install Redis 6.2 or later (or Valkey) so that redis-server is on PATH, ' +
  'or set REDIS_URL to a server of your own.';

/**
 * @param {string[]} command
 * @param {string[]} packages
 */
function named(command, packages) {
  return packages.map((name) => [...command, name]);
}

/**
 * @param {string[]} command
 * @param {string} path
 */
function succeeds([program = '', ...programArguments], path) {
  const { status } = spawnSync(program, programArguments, {
    stdio: 'ignore',
    timeout: COMMAND_TIMEOUT_MS,
    // What asks a person would wait for ever.
    env: { ...process.env, PATH: path, DEBIAN_FRONTEND: 'noninteractive', HOMEBREW_NO_AUTO_UPDATE: '1' },
  });
  return status === 0;
}

/**
 * @param {string} program
 * @param {string} path
 * @returns {string | null}
 */
function findProgram(program, path) {
  for (const folder of path.split(delimiter)) {
    const candidate = join(folder, program);
    try {
      accessSync(candidate, constants.X_OK);
      if (folder !== '' && statSync(candidate).isFile()) return candidate;
    } catch {
      // Not here.
    }
  }
  return null;
}
