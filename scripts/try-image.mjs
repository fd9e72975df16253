// `node scripts/try-image.mjs`: carries out the Dockerfile in an empty folder, then starts API and worker from it as the
// compose file does (its commands, its variables, its health checks), as a user who may write nothing there, and brings
// the repository's folders to a database. What needs a container engine is not tried by this.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { randomBytes } from 'node:crypto';
import { parse } from 'yaml';
import { build } from './build.mjs';
import { carryOut } from './dockerfile.mjs';
import { findOrInstallRedis } from './find-redis.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** nobody */
const UNPRIVILEGED = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const PATIENCE_MS = 30_000;

const folder = mkdtempSync(join(tmpdir(), 'pm-image-'));
chmodSync(folder, 0o755);
/** @type {(() => unknown)[]} */
const clearUp = [() => rmSync(folder, { recursive: true, force: true })];
try {
  await tryImage();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  for (const step of clearUp.toReversed()) await step();
}

async function tryImage() {
  if (!(await build())) throw new Error('The build failed: see above.');
  const image = carryOut(root, folder, (line) => console.log(line));
  const app = join(image.folder, image.workdir);
  const size = execFileSync('du', ['-sm', app], { encoding: 'utf8' }).split('\t')[0];
  console.log(`\n${app}: ${size} MB, to be run as ${image.user}`);

  const { services } = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true });
  const values = await startServers();
  const api = start('api', services.api.command ?? image.command, services.api.environment, values, app);
  const worker = start('worker', services.worker.command ?? image.command, services.worker.environment, values, app);
  await healthy(services.api.healthcheck.test, values.PORT, '3000');
  await healthy(services.worker.healthcheck.test, values.METRICS_PORT, '9464');
  await deployEverything(values);
  for (const [name, child] of Object.entries({ api, worker })) {
    const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? '0';
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    console.log(`${name}: ${Math.round(Number(rss) / 1024)} MB in memory, ended with ${code}`);
    if (code !== 0) throw new Error(`${name} ended with ${code} after SIGTERM.`);
  }
}

/** Starts Postgres and Redis, and gives the value of each variable that the compose file sets. */
async function startServers() {
  const { startEmbedded } = await import(moduleAt('apps/standalone/dist/postgres/start-embedded.js'));
  const { startRedis } = await import(moduleAt('apps/standalone/dist/redis/start-redis.js'));
  const { freePort } = await import(moduleAt('apps/standalone/dist/postgres/free-port.js'));
  const postgres = await startEmbedded(folder, null, ['control', 'target'], () => undefined);
  clearUp.push(() => postgres.server.stop());
  const { program, advice } = findOrInstallRedis();
  if (program === null) throw new Error(advice);
  const redis = await startRedis({ program, dataDirectory: null, port: null });
  clearUp.push(() => redis.stop());
  return {
    DATABASE_URL: postgres.dsnOf('control'),
    REDIS_URL: redis.url,
    ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    BOOTSTRAP_API_KEY: `pgm_${randomBytes(32).toString('base64url')}`,
    HOST: '127.0.0.1',
    PORT: String(await freePort()),
    METRICS_PORT: String(await freePort()),
    SQL_ROOT: root,
    CONCURRENCY: '10',
    SHUTDOWN_GRACE_SECONDS: '25',
    LOG_LEVEL: 'info',
    // Loads packages that nothing else needs: the image has to have them.
    QUEUE_PAGE: 'on',
    targetDsn: postgres.dsnOf('target'),
  };
}

/**
 * @param {string} name
 * @param {string[]} command
 * @param {Record<string, string>} environment as the compose file has it
 * @param {Record<string, string>} values
 * @param {string} app the image's working folder
 */
function start(name, [program = '', ...words], environment, values, app) {
  const env = Object.fromEntries(Object.keys(environment).map((variable) => [variable, values[variable] ?? '']));
  const { PATH = '' } = process.env;
  const child = spawn(program, words, {
    cwd: app,
    env: { PATH, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
    ...UNPRIVILEGED,
  });
  clearUp.push(() => child.kill('SIGKILL'));
  console.log(`${name}: ${[program, ...words].join(' ')}`);
  return child;
}

/**
 * @param {string[]} test as the compose file has it, for a port of its own
 * @param {string} port
 * @param {string} portThere
 */
async function healthy([kind, program = '', ...words], port, portThere) {
  if (kind !== 'CMD') throw new Error(`A health check of the kind ${kind} is not known here.`);
  const here = words.map((word) => word.replace(`:${portThere}/`, `:${port}/`));
  const deadline = Date.now() + PATIENCE_MS;
  while (spawnSync(program, here, { stdio: 'ignore' }).status !== 0) {
    if (Date.now() > deadline) throw new Error(`Not healthy within ${PATIENCE_MS} ms: ${here.join(' ')}`);
    await pause(100);
  }
  console.log('healthy by its own check');
}

/** @param {Record<string, string>} values */
async function deployEverything({ PORT, BOOTSTRAP_API_KEY, targetDsn }) {
  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} body
   */
  const call = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${PORT}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${BOOTSTRAP_API_KEY}`,
        'content-type': 'application/json',
        prefer: 'wait=30',
      },
      body: JSON.stringify(body),
    });
    return /** @type {{ status: string }} */ (await response.json());
  };
  await call('PUT', '/v1/targets/tried', { dsn: targetDsn });
  for (const mode of ['create', 'deployment']) {
    const made = await call('POST', '/v1/deployments', { target: 'tried', mode });
    console.log(`${mode}: ${made.status}`);
    if (made.status !== 'succeeded') throw new Error(JSON.stringify(made, null, 2));
  }
}

/** @param {string} path relative to the repository's folder */
function moduleAt(path) {
  return pathToFileURL(join(root, path)).href;
}
