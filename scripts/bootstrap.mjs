// `npm start`, `npm test` and the like, as the very first command in a fresh clone: brings everything that is needed
// (packages, the build, a Redis), says nothing where all is in place, and then becomes the program that was asked for.
// It stays in the same process, so that signals and exit codes are that program's own.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, compile } from './build.mjs';
import { findOrInstallChromium } from './find-chromium.mjs';
import { findOrInstallRedis } from './find-redis.mjs';
import { installPackages, packagesAreCurrent } from './packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const NODE_NEEDED = [20, 11];

/** @type {Record<string, { needsRedis: boolean, run: (programArguments: string[]) => Promise<void> }>} */
const COMMANDS = {
  start: { needsRedis: true, run: start },
  test: { needsRedis: true, run: test },
  'test:long': { needsRedis: true, run: testLong },
  screenshots: { needsRedis: true, run: screenshots },
  bench: { needsRedis: false, run: bench },
  'bench:service': { needsRedis: true, run: benchService },
  chaos: { needsRedis: true, run: chaos },
};

/** The Redis program of this machine, once looked for. @type {string | null} */
let redisProgram = null;

await main(process.argv.slice(2));

/** @param {string[]} argv */
async function main([name = '', ...programArguments]) {
  const command = COMMANDS[name];
  if (command === undefined) {
    say(`Usage: node scripts/bootstrap.mjs ${Object.keys(COMMANDS).join('|')} [arguments]`);
    process.exitCode = 2;
  } else if (await prepare(name, command.needsRedis)) {
    await command.run(programArguments);
  } else {
    process.exitCode = 1;
  }
}

/**
 * Each step says itself what went wrong.
 * @param {string} name of the command
 * @param {boolean} needsRedis
 */
async function prepare(name, needsRedis) {
  if (!nodeIsNewEnough()) return false;
  if (!packagesAreCurrent(root)) {
    say('Installing packages …');
    if (!installPackages(root)) return fail('npm could not install the packages: see above.');
  }
  if (!(await build())) return fail('The build failed: see above.');
  return !needsRedis || provideRedis(name);
}

/**
 * Tests start, flush and kill a Redis of their own, and so need the program whatever REDIS_URL says.
 * @param {string} name of the command
 */
function provideRedis(name) {
  if (name === 'start' && process.env.REDIS_URL?.trim()) return true;
  const { program, advice } = findOrInstallRedis({ say });
  redisProgram = program;
  if (program !== null) return true;
  return fail(`\n\`npm ${name}\` needs a redis-server, and there is none here. ${advice}`);
}

function nodeIsNewEnough() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [neededMajor = 0, neededMinor = 0] = NODE_NEEDED;
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return true;
  return fail(`Postgres Manager needs Node ${NODE_NEEDED.join('.')} or later; this is ${process.versions.node}.`);
}

/** @param {string[]} programArguments */
async function start(programArguments) {
  const standalone = await import(moduleAt('apps/standalone/dist/main.js'));
  // Ended here and not by itself: a start that was broken off may still have something to wait for.
  process.exit(await standalone.main(programArguments, { redisProgram }));
}

/** @param {string[]} programArguments */
async function test(programArguments) {
  const { program, advice } = findOrInstallChromium({ say });
  if (program === null) say(`The tests of the dashboard in a browser are left out: there is no Chromium. ${advice}`);
  await become('node_modules/vitest/vitest.mjs', ['run', ...programArguments]);
}

/** @param {string[]} programArguments */
async function testLong(programArguments) {
  process.env.TEST_LONG = '1';
  await test(programArguments);
}

/** @param {string[]} programArguments */
async function screenshots(programArguments) {
  process.env.SCREENSHOTS = '1';
  await test(['apps/dashboard', ...programArguments]);
}

/** @param {string[]} programArguments */
async function bench(programArguments) {
  await become('bench/run.mjs', programArguments);
}

/** @param {string[]} programArguments */
async function benchService(programArguments) {
  await become('bench/service/run.mjs', programArguments);
}

/** @param {string[]} programArguments */
async function chaos(programArguments) {
  if (!compile('chaos')) process.exit(1);
  const { main } = await import(moduleAt('chaos/dist/main.js'));
  // Ended here and not by itself: processes that were killed may have left something to wait for.
  process.exit(await main(programArguments, { redisProgram }));
}

/**
 * @param {string} program relative to the repository's folder
 * @param {string[]} programArguments
 */
async function become(program, programArguments) {
  process.argv = [process.execPath, `${root}${program}`, ...programArguments];
  process.chdir(root);
  await import(moduleAt(program));
}

/** @param {string} path relative to the repository's folder */
function moduleAt(path) {
  return pathToFileURL(`${root}${path}`).href;
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`${text}\n`);
}

/**
 * @param {string} text
 * @returns {false}
 */
function fail(text) {
  say(text);
  return false;
}
