import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Stage } from '../../api/test/support/service-stage.ts';
import { anyServer } from '../../../test-support/servers.ts';
import { type Browser, chromiumPath, startBrowser } from './support/browser.ts';

/** Stands before the API; `away` cuts every connection and takes none until it is over. */
async function proxyTo(port: number): Promise<{ url: string; away: (isAway: boolean) => void; close: () => void }> {
  let isAway = false;
  const server: Server = createServer((incoming, answer) => {
    if (isAway) {
      incoming.socket.destroy();
      return;
    }
    const { method, url, headers } = incoming;
    const onward = request({ port, host: '127.0.0.1', method, path: url, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    away: (value) => {
      isAway = value;
      if (value) server.closeAllConnections();
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe.skipIf(chromiumPath() === null)('live events', () => {
  let stage: Stage;
  let browser: Browser;
  let bundle: string;

  beforeAll(async () => {
    [stage, browser] = await Promise.all([openStage(anyServer()), startBrowser()]);
    bundle = await stage.bundle({ 'deployment/00000-a.sql': 'SELECT 1;\n' });
    await stage.call('PUT', '/v1/targets/alone', { body: { dsnEnv: 'ALONE' } });
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
  });

  test('that are cut off for long are missed by a quiet sign, and come again with what was between', async () => {
    const proxy = await proxyTo(stage.api.port);
    const { page, complaints } = await browser.open(`${proxy.url}/?bundle=${bundle}`, { key: stage.adminKey });
    await page.getByRole('gridcell', { name: 'alone never seen' }).waitFor();
    expect(await page.getByText('Reconnecting').count()).toBe(0);
    proxy.away(true);
    await page.getByText('Reconnecting').waitFor();
    const made = await stage.call('POST', '/v1/deployments', { body: { target: 'alone', mode: 'deployment', bundle } });
    expect(made.status).toBe(202);
    // What was shown stays: nobody's view is taken away by a cut.
    await page.getByRole('gridcell', { name: 'alone never seen' }).waitFor();
    proxy.away(false);
    await page.getByRole('gridcell', { name: 'alone moving' }).waitFor();
    await expect.poll(() => page.getByText('Reconnecting').count()).toBe(0);
    await page.context().close();
    proxy.close();
    // The browser itself tells of connections that were refused; the page tells nothing.
    expect(complaints.filter((line) => !line.includes('Failed to load resource: net::ERR'))).toEqual([]);
  });
});
