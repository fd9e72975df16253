import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { instructions } from './dockerfile.mjs';

const read = (/** @type {string} */ path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const text = read('docker-compose.yml');
const { services, volumes } = parse(text, { merge: true });

/** @param {string} app */
function variablesOf(app) {
  return new Set(read(`apps/${app}/src/config.ts`).match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\b(?=:|')/g));
}

describe('docker-compose.yml', () => {
  test('has the service, its two servers and a target, each with a health check', () => {
    expect(Object.keys(services).toSorted()).toEqual(['api', 'postgres', 'redis', 'target', 'worker']);
    for (const service of Object.values(services)) expect(service.healthcheck.test.length).toBeGreaterThan(1);
  });

  test.each(['api', 'worker'])(
    'gives the %s only variables that it reads, and all that it cannot do without',
    (name) => {
      const read = variablesOf(name);
      const given = Object.keys(services[name].environment);
      expect(given.filter((variable) => !read.has(variable))).toEqual([]);
      expect(given).toEqual(expect.arrayContaining(['DATABASE_URL', 'REDIS_URL', 'ENCRYPTION_KEY']));
    },
  );

  test('runs API and worker from one image, without rights, and any number of workers', () => {
    for (const { image, read_only, cap_drop, init } of [services.api, services.worker]) {
      expect({ image, read_only, cap_drop, init }).toEqual({
        image: 'postgres-manager:local',
        read_only: true,
        cap_drop: ['ALL'],
        init: true,
      });
    }
    expect(services.worker).not.toHaveProperty('container_name');
    expect(services.worker).not.toHaveProperty('ports');
    const users = instructions(read('Dockerfile')).filter(([word]) => word === 'USER');
    expect(users).toEqual([['USER', 'node']]);
  });

  test('waits longer for a worker than a worker takes to stop', () => {
    const graceSeconds = Number(services.worker.environment.SHUTDOWN_GRACE_SECONDS);
    expect(Number.parseInt(services.worker.stop_grace_period, 10)).toBeGreaterThan(graceSeconds);
  });

  test('has no secret with a default, and .env.example names each one that has to be given', () => {
    const used = [...text.matchAll(/\$\{(\w+)(:[?-])?/g)].map(([, name = '', kind]) => ({ name, kind }));
    const secrets = used.filter(({ name, kind }) => /PASSWORD|KEY$/.test(name) && kind !== ':?');
    expect(secrets).toEqual([]);
    const named = new Set(read('.env.example').match(/^\w+(?==)/gm));
    const needed = used.filter(({ kind }) => kind === ':?').map(({ name }) => name);
    expect(needed.filter((name) => !named.has(name))).toEqual([]);
  });

  test('declares each volume that it mounts, and keeps what is in Redis', () => {
    const mounted = Object.values(services)
      .flatMap((service) => service.volumes ?? [])
      .map((volume) => volume.split(':')[0])
      .filter((source) => !source.startsWith('.'));
    expect(new Set(mounted)).toEqual(new Set(Object.keys(volumes)));
    expect(services.redis.command.join(' ')).toMatch(/--appendonly yes.*--maxmemory-policy noeviction/);
  });
});
