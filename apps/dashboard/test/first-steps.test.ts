import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Stage } from '../../api/test/support/service-stage.ts';
import { anyServer } from '../../../test-support/servers.ts';
import { type Browser, chromiumPath, expectAccessible, startBrowser } from './support/browser.ts';
import { bundleOf, enterTargets } from './support/fleet-rows.ts';
import { keyOf } from './support/key-of.ts';

/** What filters and groups, as it is seen. */
async function controlsOf(page: Page): Promise<string[]> {
  const controls = page.getByRole('group', { name: 'What is shown' });
  const labels = await controls.locator('label > span:visible').allTextContents();
  return [...labels, ...((await controls.getByRole('searchbox').isVisible()) ? ['Name'] : [])];
}

describe.skipIf(chromiumPath() === null)('a fleet that has just begun', () => {
  let stage: Stage;
  let browser: Browser;
  const nextSteps = (page: Page) => page.getByRole('region', { name: 'What next' });

  beforeAll(async () => {
    [stage, browser] = await Promise.all([openStage(anyServer()), startBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
  });

  test('without targets says so, to each key in its own way', async () => {
    for (const [role, labels, words] of [
      ['admin', {}, 'None is registered here. Register one'],
      ['deployer', {}, 'None is registered here. An admin registers them.'],
      ['viewer', { env: 'a' }, 'None has the labels that this key is limited to. An admin registers them.'],
    ] as const) {
      const { page, close } = await browser.open(`${stage.api.url}/`, { key: await keyOf(stage, role, labels) });
      await page.getByText('No targets yet').waitFor();
      const said = (await page.getByRole('main').innerText()).replaceAll(/\s+/g, ' ');
      expect(said).toContain(words);
      await close();
    }
  });

  test('of one target says what comes next, and offers no filter that has nothing to leave out', async () => {
    await stage.target('first');
    const { page, close } = await browser.open(`${stage.api.url}/`, { key: stage.adminKey });
    await page.getByRole('gridcell', { name: 'first never seen' }).waitFor();
    expect(await controlsOf(page)).toEqual(['Bundle']);
    await nextSteps(page).getByRole('link', { name: 'Call the API' }).waitFor();
    await expectAccessible(page);
    await close();
    const viewer = await browser.open(`${stage.api.url}/`, { key: await keyOf(stage, 'viewer') });
    await viewer.page.getByRole('gridcell', { name: 'first never seen' }).waitFor();
    expect(await nextSteps(viewer.page).count()).toBe(0);
    await viewer.close();
  });

  test('of many has all of them, and nothing for beginners', async () => {
    await enterTargets(stage.control, 20, await stage.bundle(bundleOf(4)));
    const { page, close } = await browser.open(`${stage.api.url}/`, { key: stage.adminKey });
    await page.getByRole('gridcell', { name: /^shop-0001/ }).waitFor();
    expect(await controlsOf(page)).toEqual(['Bundle', 'Group by', 'Label', 'At', 'Name']);
    expect(await nextSteps(page).count()).toBe(0);
    await close();
  });
});
