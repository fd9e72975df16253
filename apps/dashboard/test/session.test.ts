import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Stage } from '../../api/test/support/service-stage.ts';
import { anyServer } from '../../../test-support/servers.ts';
import { type Browser, chromiumPath, expectAccessible, picture, startBrowser } from './support/browser.ts';
import { keyOf } from './support/key-of.ts';

describe.skipIf(chromiumPath() === null)('a session', () => {
  let stage: Stage;
  let browser: Browser;

  beforeAll(async () => {
    [stage, browser] = await Promise.all([openStage(anyServer()), startBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
  });

  test('begins with a key, survives a reload, and ends with the tab or by signing out', async () => {
    const { page, close } = await browser.open(`${stage.api.url}/?group=env`);
    await page.getByLabel('API key').waitFor();
    await expectAccessible(page);
    await picture(page, 'sign-in');
    await page.getByLabel('API key').fill(stage.adminKey);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Fleet' }).waitFor();
    await page.getByText('No targets yet').waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Fleet' }).waitFor();
    expect(await page.evaluate(() => Object.values({ ...localStorage }).join())).not.toContain('pgm_');
    expect(await page.evaluate(() => document.cookie)).toBe('');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor();
    expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).not.toContain('pgm_');
    await close();
  });

  test('does not begin with a wrong key, and says so in clear words', async () => {
    const { page, close } = await browser.open(`${stage.api.url}/`);
    await page.getByLabel('API key').fill('pgm_wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This key is not taken: it is unknown, expired or revoked.').waitFor();
    await expectAccessible(page);
    await close();
  });

  test('whose key is revoked asks for another, and goes on at the same place', async () => {
    await stage.call('PUT', '/v1/targets/kept', { body: { dsnEnv: 'KEPT', labels: { env: 'test' } } });
    const key = await keyOf(stage, 'deployer');
    const { page, close } = await browser.open(`${stage.api.url}/?group=env&target=kept`, { key });
    await page.getByRole('complementary', { name: 'Target kept' }).waitFor();
    const { items } = (await stage.call('GET', '/v1/keys')).body;
    const made = items.find(({ prefix }) => key.startsWith(prefix));
    await stage.call('DELETE', `/v1/keys/${made?.id}`);
    // Whatever it asks next is refused.
    await page.getByRole('button', { name: 'Look anew…' }).click();
    await page.getByRole('button', { name: 'Look anew', exact: true }).click();
    await page.getByText('The key is no longer taken').waitFor();
    await page.getByLabel('API key').fill(stage.adminKey);
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Target kept' }).waitFor();
    await close();
  });
});
