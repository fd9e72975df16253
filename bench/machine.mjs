import { spawnSync } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { arch, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './statistics.mjs';

/** What the figures were measured on. */
export function describeMachine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    system: `${type()} ${release()} ${arch()}`,
    distribution: distribution(),
  };
}

/** The versions of everything that takes part, by name. */
export function describeVersions(psqlPath) {
  const versions = {
    'Postgres Manager': `${version('../package.json')} (${commit()})`,
    Node: process.versions.node,
  };
  if (psqlPath !== null) versions.psql = firstNumber(spawnSync(psqlPath, ['--version'], { encoding: 'utf8' }).stdout);
  for (const name of ['dbmate', 'postgrator', 'node-pg-migrate', 'pg']) {
    versions[name] = version(`node_modules/${name}/package.json`);
  }
  return versions;
}

/** How long one 8 KB write takes to reach the disk there, in ms: the floor under every durable commit. */
export function measureFlushMs(directory) {
  const path = join(directory, 'flush-probe');
  const file = openSync(path, 'w');
  const page = Buffer.alloc(8192, 1);
  const times = [];
  for (let i = 0; i < 100; i++) {
    const started = performance.now();
    writeSync(file, page, 0, page.length, i * page.length);
    fdatasyncSync(file);
    times.push(performance.now() - started);
  }
  closeSync(file);
  rmSync(path);
  return median(times);
}

function version(path) {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).version;
}

function commit() {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const { status, stdout } = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' });
  return status === 0 ? `commit ${stdout.trim()}` : 'no commit';
}

function distribution() {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

function firstNumber(text) {
  return /\d+(\.\d+)+/.exec(text ?? '')?.[0] ?? 'unknown';
}
