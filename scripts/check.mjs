// `npm run check`: everything that can be said about the code without running it. One line for each check.
// With `--counts FILE` the closing line is left to the caller, who finds its numbers in that file.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { findDocFaults } from './check-docs.mjs';
import { findLockfileFaults } from './check-lockfile.mjs';
import { installPackages, packagesAreCurrent } from './packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @typedef {{ passed: boolean, details: string }} Outcome */

/** @type {{ name: string, run: () => Promise<Outcome> }[]} */
const CHECKS = [
  { name: 'types', run: () => tool('typescript/bin/tsc', '-b', '.', 'chaos') },
  { name: 'types of tests and scripts', run: () => tool('typescript/bin/tsc', '-p', 'tsconfig.test.json') },
  { name: 'types of the dashboard’s tests', run: () => tool('typescript/bin/tsc', '-p', 'apps/dashboard/test') },
  { name: 'lint and import walls', run: () => tool('oxlint/bin/oxlint') },
  {
    name: 'format (npm run format mends it)',
    run: () => tool('@biomejs/biome/bin/biome', 'format', '--reporter=summary', '.'),
  },
  { name: 'documents in step with the code', run: () => faults(findDocFaults(root)) },
  { name: 'package-lock.json fits every machine', run: () => faults(findLockfileFaults(root)) },
];

if (!packagesAreCurrent(root) && !installPackages(root)) {
  console.error('npm could not install the packages: see above.');
  process.exit(1);
}
const outcomes = CHECKS.map(({ run }) => run());
let failed = 0;
for (const [index, { name }] of CHECKS.entries()) {
  const outcome = await outcomes[index];
  if (outcome?.passed === true) {
    console.log(`ok      ${name}`);
    continue;
  }
  failed++;
  console.log(`failed  ${name}\n${indented(outcome?.details ?? '')}`);
}
const passed = CHECKS.length - failed;
const [option, countsFile] = process.argv.slice(2);
if (option === '--counts' && countsFile !== undefined) writeFileSync(countsFile, JSON.stringify({ passed, failed }));
else console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/**
 * Runs a program of an npm package.
 * @param {string} program its file, below node_modules
 * @param {string[]} programArguments
 * @returns {Promise<Outcome>}
 */
function tool(program, ...programArguments) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [`${root}node_modules/${program}`, ...programArguments], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let details = '';
    child.stdout.on('data', (/** @type {Buffer} */ text) => (details += text));
    child.stderr.on('data', (/** @type {Buffer} */ text) => (details += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ passed: code === 0, details: stripVTControlCharacters(details) }));
  });
}

/**
 * @param {string[]} lines
 * @returns {Promise<Outcome>}
 */
async function faults(lines) {
  return { passed: lines.length === 0, details: lines.join('\n') };
}

/** @param {string} text */
function indented(text) {
  return text.trimEnd().replaceAll(/^(?=.)/gm, '        ');
}
