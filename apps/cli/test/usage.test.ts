import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../bin/postgres-manager.js', import.meta.url));
const CANARY = 'c4n4ry-S3cret';
const DSN = `postgres://app:${CANARY}@127.0.0.1:1/app`;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cli-usage-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

/** Runs the command in an empty folder, with nothing in the environment but what is given. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      cwd: root,
      env: { PATH: process.env['PATH'] ?? '', ...env },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

function lastLine(ended: Ended): Record<string, unknown> {
  const lines = ended.stdout.trimEnd().split('\n');
  return JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>;
}

describe('help and version', () => {
  it('an empty command line gets the help on stderr, and exit code 2', async () => {
    const ended = await run([]);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('--function create|deployment');
  });

  it.each([[['--help']], [['help']], [['status', '--help']], [['help', 'new']], [['-h']]])(
    '%j gets it on stdout',
    async (args) => {
      const ended = await run(args);
      expect(ended).toMatchObject({ code: 0, stderr: '' });
      expect(ended.stdout).toContain('--root DIR');
      expect(ended.stdout).toContain('Exit codes');
    },
  );

  it('--version prints the version and nothing else', async () => {
    const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('a wrong command line', () => {
  it('gets everything that is wrong at once, on stderr', async () => {
    const ended = await run(['--postgres-dns', DSN, '--function', 'creat', '--lock-wait', 'long']);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('did you mean --postgres-dsn?');
    expect(ended.stderr).toContain('did you mean create?');
    expect(ended.stderr).toContain('--lock-wait must be a number of seconds');
  });

  it('ends in a result line with --json', async () => {
    const ended = await run(['--json', '--function', 'deployment']);
    expect(ended).toMatchObject({ code: 2, stderr: '' });
    expect(Object.keys(lastLine(ended)).slice(0, 9)).toEqual([
      'type',
      'mode',
      'status',
      'applied',
      'skipped',
      'baselined',
      'failed',
      'problems',
      'durationMs',
    ]);
    expect(lastLine(ended)).toMatchObject({
      type: 'result',
      mode: 'deployment',
      status: 'refused',
      failed: { code: 'usage' },
    });
  });

  it('holds no escape codes when it is not read at a terminal', async () => {
    const ended = await run(['--nope']);
    expect(ended.stderr).not.toContain('\u001b');
    expect((await run(['--nope'], { FORCE_COLOR: '1' })).stderr).toContain('\u001b[31m');
    expect((await run(['--nope'], { FORCE_COLOR: '1', NO_COLOR: '1' })).stderr).not.toContain('\u001b');
  });
});

describe('the password', () => {
  const keywords = `host=127.0.0.1 port=1 user=app password=${CANARY}`;
  const wrong: readonly (readonly string[])[] = [
    [DSN],
    [DSN, '--function', 'create'],
    ['--function', 'create', DSN],
    ['validate', DSN],
    ['new', DSN],
    ['new', `app:${CANARY}@h`],
    ['new', `password=${CANARY}`],
    ['help', DSN],
    [`--postgres-dns=${DSN}`, '--function', 'create'],
    ['--postgres-dns', DSN, '--function', 'create'],
    ['--dsn', DSN],
    ['--password', CANARY],
    [`--password=${CANARY}`],
    [`-p${CANARY}`],
    ['-W', CANARY],
    [`--${DSN}`],
    [`--${CANARY}`],
    ['--postgres-dsn', DSN],
    ['--postgres-dsn', DSN, '--function', CANARY],
    ['--postgres-dsn', DSN, '--function', 'create', '--root', DSN],
    ['--postgres-dsn', DSN, '--function', 'create', '--root', keywords],
    ['--postgres-dsn', DSN, '--function', 'create', '--applied-by', DSN],
    ['--postgres-dsn', DSN, '--function', 'create', '--lock-wait', CANARY],
    ['--postgres-dsn', DSN, '--postgres-dsn', DSN, '--function', 'create'],
    ['--postgres-dsn', `postgres//app:${CANARY}@h/d`, '--function', 'create'],
    ['--postgres-dsn', `mysql://app:${CANARY}@h/d`, '--function', 'create'],
    ['--postgres-dsn', `postgres://app:${CANARY}@h:port/d`, '--function', 'create'],
    ['--postgres-dsn', `postgres://app:%zz${CANARY}@h/d`, '--function', 'create'],
    ['--postgres-dsn', `${keywords} nonsense=${CANARY}`, '--function', 'create'],
    ['--postgres-dsn', DSN, '--function', 'create', '--root', '/does/not/exist'],
    ['resolve', '--postgres-dsn', DSN, DSN, '--applied'],
    ['baseline', '--postgres-dsn', DSN, '--up-to', CANARY],
    [CANARY],
  ];

  it.each(wrong.map((args) => [args]))('is not shown for %j', async (args) => {
    for (const more of [[], ['--json']]) {
      const ended = await run([...args, ...more]);
      expect(ended.code).not.toBe(0);
      expect(ended.stdout + ended.stderr).not.toContain(CANARY);
    }
  });

  it('is not shown when the variables hold what is wrong', async () => {
    for (const env of [
      { FUNCTION: DSN },
      { DRY_RUN: DSN, FUNCTION: 'create' },
      { POSTGRES_DSN: `x:${CANARY}`, FUNCTION: 'create' },
    ]) {
      const ended = await run([], env);
      expect(ended.code).not.toBe(0);
      expect(ended.stdout + ended.stderr).not.toContain(CANARY);
    }
  });
});

describe('configuration that is wrong', () => {
  it('a root without the folder of the mode is exit code 2', async () => {
    await mkdir(join(root, 'create'));
    const ended = await run(['--json', '--function', 'deployment'], { POSTGRES_DSN: DSN });
    expect(ended.code).toBe(2);
    expect(lastLine(ended)).toMatchObject({
      status: 'refused',
      mode: 'deployment',
      failed: { code: 'folder_missing' },
    });
  });

  it('a root that is not there is exit code 2', async () => {
    const ended = await run(['--json', '--function', 'create', '--root', 'nowhere'], { POSTGRES_DSN: DSN });
    expect(ended.code).toBe(2);
    expect(lastLine(ended)).toMatchObject({ failed: { code: 'root_missing' } });
  });

  it.each(['nonsense', 'http://h/d', 'postgres://h:port/d'])('a DSN like %s is exit code 2', async (dsn) => {
    await mkdir(join(root, 'create'));
    const ended = await run(['--json', '--function', 'create'], { POSTGRES_DSN: dsn });
    expect(ended.code).toBe(2);
    expect(lastLine(ended)).toMatchObject({ failed: { code: 'dsn_invalid' } });
  });
});

describe('new', () => {
  it('writes the next file and prints its path', async () => {
    expect(await run(['new', 'Add Users'])).toEqual({
      code: 0,
      stdout: 'deployment/00000-add-users.sql\n',
      stderr: '',
    });
    await writeFile(join(root, 'deployment/00004-by-hand.sql'), '');
    const ended = await run(['new', 'more', '--json']);
    expect(lastLine(ended)).toMatchObject({ type: 'result', status: 'succeeded', path: 'deployment/00005-more.sql' });
    expect(await readFile(join(root, 'deployment/00000-add-users.sql'), 'utf8')).toMatch(/^-- 00000-add-users: /);
  });

  it('writes to manual-deployment with --manual, below the root that is given', async () => {
    await mkdir(join(root, 'schema'));
    expect(await run(['new', 'repair', '--manual', '--root', 'schema'])).toMatchObject({
      code: 0,
      stdout: 'schema/manual-deployment/00000-repair.sql\n',
    });
  });

  it.each(['../outside', 'a/b', '..', '00003-x', '   '])('refuses the name %j and writes nothing', async (name) => {
    expect(await run(['new', name])).toMatchObject({ code: 2, stdout: '' });
    expect(await readdir(root)).toEqual([]);
  });

  it('does not make the root', async () => {
    expect(await run(['new', 'x', '--root', 'nowhere'])).toMatchObject({ code: 2 });
    expect(await readdir(root)).toEqual([]);
  });

  it('gives each of several at once its own ordinal', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const ended = await Promise.all(names.map((name) => run(['new', name])));
    expect(ended.map(({ code }) => code)).toEqual(names.map(() => 0));
    const ordinals = (await readdir(join(root, 'deployment'))).map((name) => name.slice(0, 5)).sort();
    expect(new Set(ordinals).size).toBe(names.length);
  });
});

describe('the output', () => {
  it('survives a reader that goes away', async () => {
    const child = spawn('sh', ['-c', `"${process.execPath}" "${PROGRAM}" --help | true; echo done`], { cwd: root });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    await new Promise((resolve) => child.on('close', resolve));
    expect(output).toBe('done\n');
  });
});
