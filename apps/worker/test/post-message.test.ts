import { spawnSync } from 'node:child_process';
import type { LookupAddress } from 'node:dns';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createTlsServer } from 'node:https';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type InternalAllowance, NOTHING_INTERNAL, readInternalAllowance } from '@postgres-manager/control-plane';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Resolve } from '../src/webhooks/guarded-lookup.ts';
import { postMessage } from '../src/webhooks/post-message.ts';
import { type Answer, startReceiver } from './support/receiver.ts';

/** A DNS in which every name leads there. */
const leadsTo =
  (...addresses: string[]): Resolve =>
  (_hostname, _options, callback) =>
    callback(
      null,
      addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

const post = (url: string, resolve: Resolve, allowance: InternalAllowance = NOTHING_INTERNAL, timeoutMs = 5000) =>
  postMessage(url, '{}', { headers: {}, timeoutMs, allowance, signal: new AbortController().signal, resolve });
const allowing = (text: string): InternalAllowance => readInternalAllowance(text) ?? NOTHING_INTERNAL;

/** A receiver under a name, with the port it has. */
async function named(answer?: Answer) {
  const receiver = await startReceiver(answer);
  const url = receiver.url.replace('127.0.0.1', 'hooks.example.com');
  return { receiver, url };
}

test.each([['127.0.0.1'], ['::ffff:127.0.0.1'], ['1.1.1.1', '127.0.0.1'], ['::1'], ['169.254.169.254']])(
  'a name that leads to %s is refused, and nothing is connected to',
  async (...addresses) => {
    const { receiver, url } = await named();
    const reply = await post(url, leadsTo(...addresses));
    expect(reply).toMatchObject({
      status: null,
      error: expect.stringContaining('leads to the internal address') as unknown,
    });
    expect(receiver.received).toEqual([]);
  },
);

test.each(['127.0.0.1', '127.0.0.0/8', 'hooks.example.com'])('it is reached when %s is allowed', async (allowed) => {
  const { receiver, url } = await named();
  expect(await post(url, leadsTo('127.0.0.1'), allowing(allowed))).toMatchObject({ status: 204, error: null });
  expect(receiver.received).toHaveLength(1);
});

test('a name that leads elsewhere at the second look is judged at that look', async () => {
  const { receiver, url } = await named();
  const answers = [['127.0.0.1'], ['10.0.0.1']];
  const rebinding: Resolve = (host, options, callback) => leadsTo(...(answers.shift() ?? []))(host, options, callback);
  expect(await post(url, rebinding, allowing('127.0.0.1'))).toMatchObject({ status: 204 });
  expect(await post(url, rebinding, allowing('127.0.0.1'))).toMatchObject({
    error: expect.stringContaining('10.0.0.1') as unknown,
  });
  expect(receiver.received).toHaveLength(1);
});

test('an address in place of a name is judged without a lookup', async () => {
  const receiver = await startReceiver();
  const url = receiver.url.replace('127.0.0.1', '[::ffff:127.0.0.1]');
  for (const given of [receiver.url, url]) {
    expect(await post(given, leadsTo('1.1.1.1'))).toMatchObject({
      error: expect.stringContaining('internal address') as unknown,
    });
  }
  expect(receiver.received).toEqual([]);
});

test('a receiver that never ends its answer is cut off, and what it said is kept', async () => {
  const { url } = await named((response) => {
    response.writeHead(500);
    const timer = setInterval(() => response.write('x'.repeat(100_000)), 5);
    response.on('close', () => clearInterval(timer));
  });
  const reply = await post(url, leadsTo('127.0.0.1'), allowing('127.0.0.1'));
  expect(reply).toMatchObject({ status: 500, answer: 'x'.repeat(500) });
});

test('a success counts as soon as it is said', async () => {
  const { url } = await named((response) => response.writeHead(200).write('…'));
  expect(await post(url, leadsTo('127.0.0.1'), allowing('127.0.0.1'))).toMatchObject({ status: 200 });
});

test('one that never answers is given up on in time', async () => {
  const { url } = await named(() => undefined);
  const begun = performance.now();
  const reply = await post(url, leadsTo('127.0.0.1'), allowing('127.0.0.1'), 200);
  expect(reply).toMatchObject({ status: null, error: 'There was no answer within 0.2 s.' });
  expect(performance.now() - begun).toBeLessThan(5000);
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

test.skipIf(!hasOpenssl)(
  'a certificate that nobody vouches for is refused, whatever the environment says',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pm-test-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const names = ['-subj', '/CN=hooks.example.com', '-addext', 'subjectAltName=DNS:hooks.example.com'];
    spawnSync('openssl', [...made, ...names, '-keyout', key, '-out', cert]);
    let asked = 0;
    const server = createTlsServer({ key: await readFile(key), cert: await readFile(cert) }, (_request, response) => {
      asked++;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `https://hooks.example.com:${(server.address() as AddressInfo).port}/`;
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    onTestFinished(() => void vi.unstubAllEnvs());
    const reply = await post(url, leadsTo('127.0.0.1'), allowing('127.0.0.1'));
    expect(reply).toMatchObject({ status: null, error: expect.stringContaining('self-signed certificate') as unknown });
    expect(asked).toBe(0);
  },
);

test('what does not speak HTTP, or nothing at all, is told', async () => {
  const server = createServer((socket) => socket.end('nonsense\r\n\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const at = (scheme: string, of: number) => post(`${scheme}://127.0.0.1:${of}/`, leadsTo(), allowing('127.0.0.1'));
  expect(await at('http', port)).toMatchObject({
    status: null,
    error: expect.stringContaining('could not be reached') as unknown,
  });
  expect(await at('https', port)).toMatchObject({
    status: null,
    error: expect.stringContaining('could not be reached') as unknown,
  });
  expect(await at('http', 1)).toMatchObject({ error: expect.stringContaining('ECONNREFUSED') as unknown });
});

test('Retry-After is read as seconds and as a date', async () => {
  const dates = ['120', new Date(Date.now() + 120_000).toUTCString(), 'soon'];
  const { url } = await named((response, nth) => response.writeHead(429, { 'retry-after': dates[nth - 1] }).end());
  const ask = () => post(url, leadsTo('127.0.0.1'), allowing('127.0.0.1'));
  expect((await ask()).retryAfterMs).toBe(120_000);
  const { retryAfterMs } = await ask();
  expect(retryAfterMs).toBeGreaterThan(110_000);
  expect(retryAfterMs).toBeLessThanOrEqual(120_000);
  expect((await ask()).retryAfterMs).toBeNull();
});
