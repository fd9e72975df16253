import { describe, expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';
import { type Environment, readEnvironment } from './config.ts';

const DSN = 'postgres://app:canary@db/app';
const empty = readEnvironment({});

function parse(words: string, environment: Environment = empty) {
  return parseArguments(words === '' ? [] : words.split(' '), environment);
}

function faultsOf(words: string, environment: Environment = empty): readonly string[] {
  const parsed = parse(words, environment);
  return parsed.ok ? [] : parsed.faults;
}

describe('a deployment', () => {
  it('takes its flags with a blank and with =', () => {
    const blank = parse(`--postgres-dsn ${DSN} --function create --on-error continue --lock-wait 1.5`);
    const equals = parse(`--postgres-dsn=${DSN} --function=create --on-error=continue --lock-wait=1.5`);
    expect(blank).toEqual(equals);
    expect(blank).toMatchObject({
      ok: true,
      invocation: {
        command: 'deploy',
        mode: 'create',
        onError: 'continue',
        root: '.',
        target: { dsn: DSN, lockWaitMs: 1500 },
      },
    });
  });

  it('leaves to the library what was not given', () => {
    expect(parse(`--postgres-dsn ${DSN} --function deployment`)).toEqual({
      ok: true,
      invocation: {
        command: 'deploy',
        mode: 'deployment',
        root: '.',
        json: false,
        dryRun: false,
        onError: 'stop',
        baseline: true,
        force: false,
        target: {
          dsn: DSN,
          connectTimeoutMs: null,
          lockWaitMs: null,
          lockTimeoutMs: null,
          statementTimeoutMs: null,
          acceptIdentity: false,
          acceptPooler: false,
          appliedBy: null,
        },
      },
    });
  });

  it('is manual with --manual-deployment or MANUAL_DEPLOY, and never with create', () => {
    const manual = readEnvironment({ MANUAL_DEPLOY: 'yes', FUNCTION: 'deployment', POSTGRES_DSN: DSN });
    expect(parse('', manual)).toMatchObject({ invocation: { mode: 'manual-deployment' } });
    expect(parse('--manual-deployment=false', manual)).toMatchObject({ invocation: { mode: 'deployment' } });
    expect(faultsOf('--function create', manual)).toEqual([
      'MANUAL_DEPLOY goes with --function deployment, not with create',
    ]);
    expect(faultsOf(`--postgres-dsn ${DSN} --function manual-deployment`)[0]).toContain(
      '--function deployment --manual-deployment',
    );
  });

  it('lets a flag win over its variable', () => {
    const environment = readEnvironment({ POSTGRES_DSN: 'postgres://other', FUNCTION: 'create', DRY_RUN: 'true' });
    expect(parse(`--postgres-dsn ${DSN} --function deployment --dry-run=false`, environment)).toMatchObject({
      invocation: { mode: 'deployment', dryRun: false, target: { dsn: DSN } },
    });
  });

  it.each(['true', '1', 'yes', 'TRUE'])('reads DRY_RUN=%s as a dry run', (DRY_RUN) => {
    const environment = readEnvironment({ POSTGRES_DSN: DSN, FUNCTION: 'create', DRY_RUN });
    expect(parse('', environment)).toMatchObject({ invocation: { dryRun: true } });
  });

  it('refuses a DRY_RUN that is neither yes nor no, rather than run', () => {
    const environment = readEnvironment({ POSTGRES_DSN: DSN, FUNCTION: 'create', DRY_RUN: 'ture' });
    expect(faultsOf('', environment)).toEqual(['DRY_RUN must be true or false (or 1, 0, yes, no)']);
  });

  it('keeps the flags of create to create', () => {
    expect(faultsOf(`--postgres-dsn ${DSN} --function deployment --force --no-baseline --on-error stop`)).toEqual([
      '--on-error goes with --function create only',
      '--no-baseline goes with --function create only',
      '--force goes with --function create only',
    ]);
  });
});

describe('faults', () => {
  it('come all at once', () => {
    expect(
      faultsOf(
        '--postgres-dns x --function creat --lock-wait -3 --lock-timeout 1e3 --connect-timeout NaN --json=maybe',
      ),
    ).toEqual([
      'unknown flag --postgres-dns: did you mean --postgres-dsn?',
      '--json must be true or false (or 1, 0, yes, no)',
      '--function must be create or deployment: did you mean create?',
      '--connect-timeout must be a number of seconds from 0 to 3600',
      '--lock-wait must be a number of seconds from 0 to 86400',
      '--lock-timeout must be a number of milliseconds from 0 to 2147483647',
    ]);
  });

  it.each([
    ['--dryrun', '--dry-run'],
    ['--mode create', '--function'],
    ['--Root x', '--root'],
    ['--manual-deploymnet', '--manual-deployment'],
    ['--statment-timeout 3', '--statement-timeout'],
  ])('suggest for %s', (words, flag) => {
    expect(faultsOf(words)[0]).toContain(`did you mean ${flag}?`);
  });

  it.each([
    ['statsu', 'unknown command: did you mean status?'],
    ['help statsu', 'there is no such command: did you mean status?'],
    ['validate --up-to 3', '--up-to does not go with validate, but with baseline'],
    ['validate --postgres-dsn', '--postgres-dsn needs a value'],
    ['validate --root=', '--root needs a value'],
    ['validate --root a --root b', '--root is given more than once'],
    ['validate extra', '1 argument too many'],
    ['new', 'new needs a name for the file, such as "add users"; quote it if it has spaces'],
    [`baseline --postgres-dsn ${DSN}`, '--up-to is missing: the ordinal of the last file that the target already has'],
    [
      `baseline --postgres-dsn ${DSN} --up-to x`,
      '--up-to must be an ordinal of one to five digits, such as 12 or 00012',
    ],
    [
      `resolve --postgres-dsn ${DSN} f.sql`,
      'give either --applied (it is done) or --not-applied (run it again from its start)',
    ],
    [
      `resolve --postgres-dsn ${DSN} f.sql --applied --not-applied`,
      'give either --applied (it is done) or --not-applied (run it again from its start)',
    ],
  ])('say what is wrong with "%s"', (words, fault) => {
    expect(faultsOf(words)).toContain(fault);
  });

  it.each([
    `${DSN} --function create`,
    '--function create --root postgres://u:canary@h/d',
    '--function create --applied-by host=h,password=canary',
    `--postgres-dns=${DSN}`,
    `--password canary`,
    '-Wcanary',
    '--function canary',
    'canary',
    'help canary',
    `new u:canary@h`,
    `validate ${DSN}`,
    `--${DSN}`,
  ])('never hold a value: %s', (words) => {
    const faults = faultsOf(words);
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.join('\n')).not.toContain('canary');
  });

  it('know the mode where it could be read', () => {
    expect(parse('--function create --json')).toMatchObject({ ok: false, json: true, mode: 'create' });
    expect(parse('--function nope --json')).toMatchObject({ ok: false, json: true, mode: null });
  });
});

describe('the other commands', () => {
  it.each([
    ['validate --root dir --json', { command: 'validate', root: 'dir', json: true }],
    ['--root dir validate', { command: 'validate', root: 'dir', json: false }],
    [`baseline --postgres-dsn ${DSN} --up-to 00012`, { command: 'baseline', upToOrdinal: 12, dryRun: false }],
    [
      `resolve --postgres-dsn ${DSN} deployment/00001-a.sql --applied`,
      { command: 'resolve', file: 'deployment/00001-a.sql', outcome: 'applied' },
    ],
    [
      `resolve --postgres-dsn ${DSN} --not-applied -- --odd.sql`,
      { command: 'resolve', file: '--odd.sql', outcome: 'not_applied' },
    ],
    ['new add-users --manual', { command: 'new', name: 'add-users', folder: 'manual-deployment' }],
    ['status --help', { command: 'help', topic: 'status', asked: true }],
    ['help status', { command: 'help', topic: 'status', asked: true }],
    ['-h', { command: 'help', topic: null, asked: true }],
    ['--version', { command: 'version' }],
    ['', { command: 'help', asked: false }],
  ])('%s', (words, invocation) => {
    expect(parse(words)).toMatchObject({ ok: true, invocation });
  });

  it('do not resolve under DRY_RUN, and baseline honours it', () => {
    const environment = readEnvironment({ POSTGRES_DSN: DSN, DRY_RUN: '1' });
    expect(faultsOf('resolve f.sql --applied', environment)[0]).toContain('DRY_RUN is set');
    expect(parse('baseline --up-to 3', environment)).toMatchObject({ invocation: { dryRun: true } });
  });
});
