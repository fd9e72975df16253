import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Stage } from '../../api/test/support/service-stage.ts';
import { anyServer } from '../../../test-support/servers.ts';
import { type Browser, chromiumPath, startBrowser } from './support/browser.ts';
import { proxyTo } from './support/proxy.ts';

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
