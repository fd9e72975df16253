import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { findOrInstallRedis, findRedis } from './find-redis.mjs';

/** A folder that stands for the whole PATH of a machine. */
let machine = '';

beforeEach(() => {
  machine = mkdtempSync(join(tmpdir(), 'pm-machine-'));
  onTestFinished(() => rmSync(machine, { recursive: true }));
});

/**
 * Puts a program on the machine. It writes down how it was called, then runs the given lines of shell.
 * @param {string} name
 * @param {string} [script]
 */
function program(name, script = '') {
  const log = join(machine, 'calls');
  writeFileSync(join(machine, name), `#!/bin/sh\necho "${name} $*" >> '${log}'\n${script}\n`);
  chmodSync(join(machine, name), 0o755);
}

/** Shell lines that put redis-server on the machine, as a package would. */
function installing(server = 'redis-server') {
  return `printf '#!/bin/sh\\n' > '${machine}/${server}'; /bin/chmod 755 '${machine}/${server}'`;
}

function calls() {
  return readFileSync(join(machine, 'calls'), 'utf8').trim().split('\n');
}

describe('findRedis', () => {
  test('finds redis-server, and prefers it to valkey-server', () => {
    program('valkey-server');
    expect(findRedis(machine)).toBe(join(machine, 'valkey-server'));
    program('redis-server');
    expect(findRedis(machine)).toBe(join(machine, 'redis-server'));
  });

  test('passes over what is no program', () => {
    writeFileSync(join(machine, 'redis-server'), '', { mode: 0o644 });
    expect(findRedis(`:${machine}:${machine}/nowhere`)).toBeNull();
  });
});

describe('findOrInstallRedis', () => {
  test('installs nothing where there is one', () => {
    program('redis-server');
    program('apt-get');
    const found = findOrInstallRedis({ path: machine, isRoot: true });
    expect(found).toEqual({ program: join(machine, 'redis-server'), advice: null });
    expect(() => calls()).toThrow('ENOENT');
  });

  test('installs it as root with apt-get, after an update that may fail', () => {
    program('apt-get', `[ "$1" = update ] && exit 100\n${installing()}`);
    const said = /** @type {string[]} */ ([]);
    const found = findOrInstallRedis({ path: machine, isRoot: true, say: (text) => said.push(text) });
    expect(found.program).toBe(join(machine, 'redis-server'));
    expect(calls()).toEqual(['apt-get update -q', 'apt-get install -y -q --no-install-recommends redis-server']);
    expect(said).toEqual(['Installing Redis with apt-get …']);
  });

  test('tries the other package where the first is unknown', () => {
    program('dnf', `[ "$4" = valkey ] && exit 1\n${installing()}`);
    const found = findOrInstallRedis({ path: machine, isRoot: true });
    expect(found.program).toBe(join(machine, 'redis-server'));
    expect(calls()).toEqual(['dnf install -y -q valkey', 'dnf install -y -q redis']);
  });

  test('uses sudo where that asks for no password', () => {
    program('pacman', installing('valkey-server'));
    program('sudo', 'shift; exec "$@"');
    // The fake sudo runs `true` of the machine.
    program('true');
    const found = findOrInstallRedis({ path: machine, isRoot: false });
    expect(found.program).toBe(join(machine, 'valkey-server'));
    expect(calls()).toContain('sudo -n pacman -Sy --noconfirm --needed valkey');
  });

  test('says what to type where sudo asks for a password, and runs nothing', () => {
    program('apt-get', installing());
    program('sudo', 'exit 1');
    const found = findOrInstallRedis({ path: machine, isRoot: false });
    expect(found.program).toBeNull();
    expect(found.advice).toContain(
      'sudo apt-get update -q && sudo apt-get install -y -q --no-install-recommends redis-server',
    );
    expect(found.advice).toContain('REDIS_URL');
    expect(calls()).toEqual(['sudo -n true']);
  });

  test('says so when the package manager fails', () => {
    program('apk', 'exit 1');
    const found = findOrInstallRedis({ path: machine, isRoot: true });
    expect(found.program).toBeNull();
    expect(found.advice).toContain('apk could not install it');
    expect(found.advice).toContain('apk add --no-cache redis');
  });

  test('says what is needed where no package manager is known', () => {
    const found = findOrInstallRedis({ path: machine, isRoot: true });
    expect(found).toEqual({ program: null, advice: expect.stringContaining('redis-server is on PATH') });
  });
});
