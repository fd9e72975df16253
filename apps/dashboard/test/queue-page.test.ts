import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Stage } from '../../api/test/support/service-stage.ts';
import { anyServer } from '../../../test-support/servers.ts';
import { type Browser, chromiumPath, expectAccessible, picture, startBrowser } from './support/browser.ts';
import { keyOf } from './support/key-of.ts';

describe.skipIf(chromiumPath() === null)('the queue’s own page', () => {
  let stage: Stage;
  let browser: Browser;

  beforeAll(async () => {
    [stage, browser] = await Promise.all([openStage(anyServer(), { queuePage: true }), startBrowser()]);
    await stage.target('shown');
    const bundle = await stage.bundle({ 'deployment/00000-a.sql': 'SELECT 1;' });
    await stage.call('POST', '/v1/deployments', { body: { target: 'shown', mode: 'deployment', bundle } });
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
  });

  test('opens from the menu in a tab of its own, which has no key and asks nobody else', async () => {
    // Signed in by hand: the support would put the key into the new tab, too.
    const { page, close } = await browser.open(`${stage.api.url}/`);
    await page.getByLabel('API key').fill(stage.adminKey);
    await page.keyboard.press('Enter');
    const answered: string[] = [];
    page.context().on('response', (response) => answered.push(response.url()));
    const opening = page.context().waitForEvent('page');
    await page.getByRole('button', { name: 'Queue’s page' }).click();
    const queue = await opening;
    await queue.getByText('postgres-manager-deployments').first().waitFor();
    expect(await queue.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }))).not.toContain('pgm_');
    expect(await queue.evaluate(() => document.cookie)).toBe('');
    await queue
      .getByRole('link', { name: /postgres-manager-deployments/ })
      .first()
      .click();
    await queue.getByText('ring').first().waitFor();
    expect(await queue.getByRole('button', { name: /pause|empty|obliterate|add job/i }).count()).toBe(0);
    await picture(queue, 'queue-page');
    expect(answered.filter((url) => !url.startsWith(`${stage.api.url}/`))).toEqual([]);
    expect(answered.filter((url) => url.startsWith(`${stage.api.url}/queues/static/`)).length).toBeGreaterThan(3);
    // Whoever has the address alone is told where it is opened.
    await queue.context().clearCookies();
    await queue.goto(`${stage.api.url}/queues`);
    await queue.getByRole('heading', { name: 'The queue’s page is opened from the dashboard' }).waitFor();
    await expectAccessible(page);
    await close();
  });

  test('is not offered to a key that may not open it', async () => {
    for (const key of [await keyOf(stage, 'deployer'), await keyOf(stage, 'admin', { env: 'test' })]) {
      const { page, close } = await browser.open(`${stage.api.url}/`, { key });
      await page.getByRole('button', { name: 'Sign out' }).waitFor();
      expect(await page.getByRole('button', { name: 'Queue’s page' }).count()).toBe(0);
      await close();
    }
  });
});
