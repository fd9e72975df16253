// The tests of the dashboard drive a Chromium of the system: found if it is there, else installed where the package
// manager needs no password, else explained. Nothing but these tests needs it, so its absence fails nothing.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const USUAL_FOLDERS = ['/usr/bin', '/usr/local/bin', '/snap/bin', '/opt/homebrew/bin'];
const USUAL_PLACES = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const COMMAND_TIMEOUT_MS = 300_000;
const INSTALL = ['apt-get', 'install', '-y', '-q', '--no-install-recommends', 'chromium'];

/**
 * The Chromium (or Chrome) of this machine.
 * @param {string} [path] the folders to look in, as in PATH
 * @returns {string | null} its full path
 */
export function findChromium(path = [process.env.PATH ?? '', ...USUAL_FOLDERS].join(delimiter)) {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  const candidates = PROGRAMS.flatMap((program) => folders.map((folder) => join(folder, program)));
  return [...candidates, ...USUAL_PLACES].find(isProgram) ?? null;
}

/**
 * Finds it, or installs it with apt-get where that needs no password.
 * @param {object} [machine] what to take for this machine; tests hand in another
 * @param {string} [machine.path] the folders of programs, as in PATH
 * @param {boolean} [machine.isRoot]
 * @param {(text: string) => void} [machine.say] told before something that takes time
 * @returns {{ program: string, advice: null } | { program: null, advice: string }} where it is, or what to type
 */
export function findOrInstallChromium({ path, isRoot = process.getuid?.() === 0, say = () => undefined } = {}) {
  const found = findChromium(path);
  if (found !== null) return { program: found, advice: null };
  const searched = path ?? process.env.PATH ?? '';
  const aptGet = searched.split(delimiter).some((folder) => isProgram(join(folder, 'apt-get')));
  if (!aptGet) return { program: null, advice: 'Install Chromium or Chrome so that it is on PATH.' };
  const prefix = isRoot ? [] : ['sudo', '-n'];
  const typed = [['apt-get', 'update'], INSTALL].map((command) => [...(isRoot ? [] : ['sudo']), ...command].join(' '));
  const advice = `Type this:\n    ${typed.join(' && ')}`;
  if (!isRoot && !succeeds(['sudo', '-n', 'true'], searched)) return { program: null, advice };
  say('Installing Chromium for the tests of the dashboard with apt-get …');
  succeeds([...prefix, 'apt-get', 'update', '-q'], searched);
  succeeds([...prefix, ...INSTALL], searched);
  const installed = findChromium(path);
  if (installed !== null) return { program: installed, advice: null };
  return { program: null, advice: `apt-get could not install it. ${advice}` };
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
    env: { ...process.env, PATH: path, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0;
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
