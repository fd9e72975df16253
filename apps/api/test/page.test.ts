import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyServer } from '../../../test-support/servers.ts';
import { temporaryRoot, type TemporaryRoot } from '../../../test-support/temporary-root.ts';
import { openStage, type Stage } from './support/service-stage.ts';

const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

describe('the page', () => {
  let stage: Stage;
  let folder: TemporaryRoot;

  beforeAll(async () => {
    folder = await temporaryRoot({
      'index.html': '<!doctype html><title>page</title>',
      'assets/app-abc123.js': 'export const a = 1;'.repeat(50),
      '.hidden.txt': 'secret',
      'secret.key': 'secret',
    });
    stage = await openStage(anyServer(), { pageFolder: folder.path });
  });
  afterAll(async () => {
    await stage.close();
    await folder.remove();
  });

  const get = (path: string, headers: Record<string, string> = {}) => stage.call('GET', path, { key: null, headers });

  test('is given to a browser at every address of its own, under a policy that lets in nothing from elsewhere', async () => {
    for (const path of ['/', '/rollouts/5', '/targets/a.b', '/deployments?status=failed']) {
      const reply = await get(path, BROWSER);
      expect([path, reply.status, reply.text]).toEqual([path, 200, '<!doctype html><title>page</title>']);
      expect(reply.headers.get('cache-control')).toBe('no-cache');
      expect(reply.headers.get('vary')).toMatch(/accept/i);
      const policy = reply.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
    }
  });

  test('leaves to the API what is the API’s', async () => {
    expect((await get('/')).body).toMatchObject({ docs: '/docs' });
    expect((await get('/', { accept: 'application/json' })).body).toMatchObject({ docs: '/docs' });
    expect((await get('/nowhere')).body.code).toBe('path_unknown');
    expect((await get('/docs', BROWSER)).text).toContain('<h1>API</h1>');
    expect((await get('/healthz', BROWSER)).text).toContain('ok');
    expect((await get('/v1/targets', BROWSER)).body.code).toBe('key_missing');
    expect((await get('/v1/nowhere', BROWSER)).body.code).toBe('path_unknown');
  });

  test('has files that are kept for good, compressed, and not sent twice', async () => {
    const reply = await get('/assets/app-abc123.js', { 'accept-encoding': 'gzip' });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(reply.headers.get('content-encoding')).toBe('gzip');
    expect(reply.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(reply.text).toHaveLength(950);
    const again = await get('/assets/app-abc123.js', { 'if-none-match': reply.headers.get('etag') ?? '' });
    expect(again.status).toBe(304);
    expect((await get('/assets/old-000000.js', BROWSER)).status).toBe(404);
  });

  test.each([
    '/assets/../secret.key',
    '/assets/%2e%2e/secret.key',
    '/assets/..%2f..%2fpackage.json',
    '/assets/%2e%2e%5c%2e%2e%5cpackage.json',
    '//etc/passwd',
    '/.hidden.txt',
    '/secret.key',
    '/index.html',
  ])('leads to no other file by %s', async (path) => {
    // As it is: fetch would tidy it up.
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request({ port: stage.api.port, host: '127.0.0.1', path }, (reply) => {
        reply.resume();
        resolve(reply.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(404);
  });

  test('that is not built says what to type, and the API works all the same', async () => {
    const without = await openStage(anyServer(), { pageFolder: `${folder.path}/nowhere` });
    try {
      const reply = await without.call('GET', '/', { key: null, headers: BROWSER });
      expect([reply.status, reply.text.includes('npm run build')]).toEqual([503, true]);
      expect((await without.call('GET', '/v1/targets')).status).toBe(200);
    } finally {
      await without.close();
    }
  });
});
