import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../arguments.ts';
import { readEnvironment } from '../../config.ts';
import type { Input } from '../../input.ts';
import { readClientInvocation } from './read-client-invocation.ts';
import { isUnencrypted, readService } from './read-service.ts';

const NOW = Date.parse('2030-04-06T12:00:00Z');
const ENV = { POSTGRES_MANAGER_SERVER: 'https://pm.example', POSTGRES_MANAGER_KEY: 'pgm_canary' };

function parse(words: string, env: Readonly<Record<string, string>> = ENV) {
  const environment = readEnvironment(env);
  const parsed = parseArguments(words.split(' '), environment);
  if (!parsed.ok) return { faults: parsed.faults };
  if (parsed.invocation.command !== 'client') return { faults: ['not for a service'] };
  const input: Input = { line: parsed.invocation.line, environment, faults: parsed.invocation.line.faults };
  const service = readService(input);
  const invocation = readClientInvocation(input, NOW);
  return { service, invocation, faults: input.faults };
}

describe('a command for a service', () => {
  it.each([
    [
      'deploy --target shop --mode create --on-error continue --priority -5 --wait',
      {
        command: 'deploy',
        target: 'shop',
        mode: 'create',
        onError: 'continue',
        priority: -5,
        wait: true,
        bundle: null,
      },
    ],
    ['--target shop --mode deployment', { command: 'deploy', dryRun: false, idempotencyKey: null }],
    [
      'deploy --target=a --mode=manual-deployment --bundle=. --not-before=2030-01-01T00:00:00+02:00',
      { bundle: '.', notBefore: '2029-12-31T22:00:00.000Z' },
    ],
    ['targets', { command: 'targets', labels: {}, limit: 50 }],
    ['targets --label env=prod --label region=eu', { labels: { env: 'prod', region: 'eu' } }],
    ['targets shop --bundle .', { command: 'target', name: 'shop', bundle: '.' }],
    ['targets add shop --dsn-env SHOP_DSN', { command: 'add-target', dsn: { variable: 'SHOP_DSN' }, labels: null }],
    ['targets add shop --label env=prod --accept-pooler=false', { dsn: null, acceptPooler: false }],
    ['targets remove shop', { command: 'remove-target', name: 'shop' }],
    ['deployments --since 2h --status failed', { createdAfter: '2030-04-06T10:00:00.000Z', status: 'failed' }],
    ['deployments 0b5e', { command: 'deployment', id: '0b5e' }],
    ['logs 0b5e --follow', { command: 'logs', follow: true }],
    ['cancel 0b5e --wait', { command: 'cancel', wait: true }],
    ['retry 0b5e', { command: 'retry', wait: false }],
    ['resolve 0b5e deployment/00001-a.sql --applied', { command: 'resolve', outcome: 'applied', wait: false }],
    [
      'resolve --server https://h 0b5e ./deployment/00001-a.sql --not-applied --wait',
      { id: '0b5e', file: 'deployment/00001-a.sql', outcome: 'not-applied', wait: true },
    ],
    ['webhooks', { command: 'webhooks' }],
    [
      'webhooks add https://h.example/x --events deployment.failed,rollout.* --label env=prod',
      {
        command: 'add-webhook',
        url: 'https://h.example/x',
        events: ['deployment.failed', 'rollout.*'],
        labels: { env: 'prod' },
        description: null,
      },
    ],
    ['webhooks disable 0b5e --reason moving', { command: 'webhook-verb', verb: 'disable', reason: 'moving' }],
    ['webhooks rotate-secret 0b5e', { command: 'webhook-verb', verb: 'rotate-secret', id: '0b5e', reason: null }],
    ['webhooks deliveries 0b5e --status failed', { command: 'webhook-deliveries', status: 'failed', limit: 50 }],
    ['webhooks resend 0b5e 1c', { command: 'webhook-resend', id: '0b5e', delivery: '1c' }],
    ['keys', { command: 'keys' }],
    ['keys create --name ci --role deployer --label env=prod', { role: 'deployer', labels: { env: 'prod' } }],
    ['keys revoke 0b5e', { command: 'revoke-key', id: '0b5e' }],
    ['audit --limit 3', { command: 'audit', limit: 3 }],
    ['audit verify', { command: 'verify-audit', head: null }],
    [
      'audit verify --head 7:abababababababababababababababababababababababababababababababab',
      { head: '7:abababababababababababababababababababababababababababababababab' },
    ],
  ])('%s', (words, invocation) => {
    const parsed = parse(words);
    expect(parsed.faults).toEqual([]);
    expect(parsed.invocation).toMatchObject(invocation);
  });

  it.each([
    [
      'deploy --server https://h --postgres-dsn x --mode create --target t',
      '--postgres-dsn does not go together with --server',
    ],
    ['deploy --server https://h --function create --target t', 'with --server write --mode'],
    ['deploy --target t --mode deployment --on-error stop', '--on-error goes with --mode create only'],
    ['deploy --target t --mode deployment --root x', 'with --server write --bundle'],
    ['deploy --target t --mode deployment --force', '--force does not go with deploy --server, but with --function'],
    ['deploy --target t --mode deployment --not-before 2030-01-01', 'a moment with its offset'],
    ['deploy --target t --mode deployment --priority 101', 'a whole number from -100 to 100'],
    ['deploy --target t --mode deploymnet', 'did you mean deployment?'],
    ['deploy --target t', '--mode is missing'],
    ['deploy --mode create --wait', '--target is missing'],
    ['targets add', 'targets add needs the name of a target'],
    ['targets ad shop', 'did you mean targets add?'],
    ['targets add shop --dsn-env A --dsn-stdin', 'either --dsn-env or --dsn-stdin'],
    ['targets shop --label a=b', '--label goes with the list of targets'],
    ['targets --label ab', '--label must be a name and a value'],
    ['deployments 0b5e --status failed', '--status goes with the list of deployments'],
    ['logs', 'logs needs the id of a deployment'],
    ['cancel pgm_canary', 'that is no id'],
    ['resolve --server https://h deployment/00001-a.sql --applied', 'the id of a deployment and the file'],
    ['resolve 0b5e deployment/00001-a.sql', 'either --applied'],
    ['resolve 0b5e deployment/00001-a.sql --applied --root x', '--root does not go with'],
    ['keys create --name x', '--role is missing'],
    ['keys --role admin', '--role goes with keys create'],
    ['workers now', '1 argument too many'],
    ['audit verfy', 'did you mean audit verify?'],
    ['audit --head 1:ab', '--head goes with audit verify'],
    ['audit verify --head 1:ab', '--head must be SEQ:HASH'],
    ['audit verify --limit 3', '--limit goes with the list'],
    ['targets --key pgm_canary', 'POSTGRES_MANAGER_KEY'],
    ['targets --token=pgm_canary', 'is not taken'],
    ['targets --folow', 'did you mean --follow?'],
    ['targets --server postgres://u:canary@h/d', 'must begin with https://'],
    ['targets --server https://u:canary@h', 'holds a user or password'],
  ])('says what is wrong with "%s"', (words, fault) => {
    const text = parse(words).faults.join('\n');
    expect(text).toContain(fault);
    expect(text).not.toContain('canary');
  });

  it('needs an address and a key', () => {
    expect(parse('targets', {}).faults).toEqual([
      '--server is missing: the address of the service (or set POSTGRES_MANAGER_SERVER)',
      'POSTGRES_MANAGER_KEY is not set: put the key for the service into it',
    ]);
    expect(parse('targets', { ...ENV, POSTGRES_MANAGER_KEY: 'a\ncanary' }).faults.join()).not.toContain('canary');
  });

  it('changes nothing under DRY_RUN', () => {
    const env = { ...ENV, DRY_RUN: '1' };
    expect(parse('deploy --target t --mode create', env).invocation).toMatchObject({ dryRun: true });
    for (const words of ['retry a', 'cancel a', 'targets add t', 'targets remove t', 'keys revoke a']) {
      expect(parse(words, env).faults.join()).toContain('DRY_RUN is set');
    }
  });

  it.each([
    ['pm.example', 'https://pm.example'],
    ['https://pm.example/', 'https://pm.example'],
    ['http://127.0.0.1:3000/v1/', 'http://127.0.0.1:3000'],
    ['https://pm.example/base/', 'https://pm.example/base'],
  ])('takes the address %s', (given, address) => {
    expect(parse(`targets --server ${given}`, ENV).service?.address).toBe(address);
  });

  it('knows where the key would travel readable', () => {
    expect(['http://h', 'http://10.0.0.1:3000'].map(isUnencrypted)).toEqual([true, true]);
    expect(['https://h', 'http://localhost:1', 'http://127.0.0.1', 'http://[::1]:3'].map(isUnencrypted)).not.toContain(
      true,
    );
  });

  it('leaves a line on a DSN alone, whatever the environment says of a service', () => {
    const environment = readEnvironment({ ...ENV, POSTGRES_DSN: 'postgres://h/d' });
    expect(parseArguments(['--function', 'create'], environment)).toMatchObject({
      ok: true,
      invocation: { command: 'deploy' },
    });
  });
});
