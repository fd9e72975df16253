import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Stage } from '../../api/test/support/service-stage.ts';
import { anyServer } from '../../../test-support/servers.ts';
import { type Browser, chromiumPath, expectAccessible, picture, startBrowser } from './support/browser.ts';
import { bundleOf, enterTargets } from './support/fleet-rows.ts';
import { keyOf } from './support/key-of.ts';
import { expectNoLongTask, leastOf, workOf } from './support/longest-task.ts';

/** What a browser calls a long task; one of that length can be felt. */
const LONG_TASK_MS = 50;

/** Down and up again, as a wheel does. */
async function scroll(page: Page): Promise<void> {
  for (const by of [240, 240, 240, 240, 240, 240, -400, -400, -400]) {
    await page.mouse.wheel(0, by);
    await page.waitForTimeout(30);
  }
}

describe.skipIf(chromiumPath() === null)('the fleet', () => {
  let stage: Stage;
  let browser: Browser;
  let bundle: string;

  beforeAll(async () => {
    [stage, browser] = await Promise.all([openStage(anyServer()), startBrowser()]);
    bundle = await stage.bundle(bundleOf(12));
    await enterTargets(stage.control, 1000, bundle);
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
  });

  test('of 1,000 targets is there after less than a second of work, and scrolls without a stutter', async () => {
    const { page, close } = await browser.open(`${stage.api.url}/`, { key: stage.adminKey });
    const show = async (): Promise<void> => {
      await page.reload();
      await page.getByRole('gridcell', { name: 'shop-0001 current' }).waitFor();
    };
    expect(await leastOf(3, 1000, () => workOf(page, show))).toBeLessThan(1000);
    for (const [state, count] of [
      ['failed', '10'],
      ['changed', '10'],
      ['behind', '30'],
      ['never seen', '10'],
      ['current', '940'],
    ]) {
      await page.getByRole('button', { name: `${count} ${state}` }).waitFor();
    }
    await picture(page, 'fleet-light');
    await page.setViewportSize({ width: 700, height: 500 });
    await expectNoLongTask(page, () => scroll(page), LONG_TASK_MS);
    await close();
  });

  test('is moved in by the keyboard, and a target opened says why and what next', async () => {
    const { page, close } = await browser.open(`${stage.api.url}/?state=failed`, { key: stage.adminKey });
    await page.getByRole('gridcell', { name: 'shop-0033 failed' }).waitFor();
    await page.getByRole('grid').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const panel = page.getByRole('complementary', { name: 'Target shop-0133' });
    await panel.getByText('relation "tbl_rooom" does not exist').waitFor();
    await panel.getByText('deployment/00011-step.sql:3:14').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('complementary', { name: 'Target shop-0233' }).waitFor();
    expect(new URL(page.url()).searchParams.get('target')).toBe('shop-0233');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('complementary').count()).toBe(0);
    await close();
  });

  test('is grouped by a label, and marks those unlike the rest of their group', async () => {
    const { page, close } = await browser.open(`${stage.api.url}/?group=region`, { key: stage.adminKey });
    await page.getByRole('gridcell', { name: /^eu-north/ }).waitFor();
    await page.getByRole('gridcell', { name: /^shop-0050 changed.*, unlike the rest$/ }).waitFor();
    await page.getByRole('gridcell', { name: /^shop-0050 changed.*, unlike the rest$/ }).hover();
    await close();
  });

  test('has a matrix of targets and files', async () => {
    const { page, close } = await browser.open(`${stage.api.url}/?view=files&label=shard:3`, { key: stage.adminKey });
    const row = page.getByRole('row', { name: /shop-0033/ });
    await row.getByRole('gridcell', { name: 'failed' }).waitFor();
    expect(await row.getByRole('gridcell').count()).toBe(12);
    await picture(page, 'fleet-files');
    await expectAccessible(page);
    await expectNoLongTask(page, () => scroll(page), LONG_TASK_MS);
    await close();
  });

  test.each(['light', 'dark'] as const)('has names and contrasts, %s', async (colorScheme) => {
    const { page, close } = await browser.open(`${stage.api.url}/?target=shop-0050&name=shop-00`, {
      key: stage.adminKey,
      colorScheme,
    });
    await page.getByRole('complementary').waitFor();
    await page.getByRole('gridcell', { name: 'shop-0050' }).waitFor();
    await expectAccessible(page);
    await page.setViewportSize({ width: 1360, height: 600 });
    if (colorScheme === 'dark') await picture(page, 'fleet-dark');
    await close();
  });

  test('fits a phone', async () => {
    const { page, close } = await browser.open(`${stage.api.url}/`, { key: stage.adminKey, phone: true });
    await page.getByRole('gridcell', { name: 'shop-0001 current' }).waitFor();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    await expectAccessible(page);
    await picture(page, 'fleet-phone');
    await page.getByRole('gridcell', { name: 'shop-0033 failed' }).tap();
    await page.getByRole('complementary', { name: 'Target shop-0033' }).waitFor();
    await close();
  });

  test('offers a viewer nothing that a viewer may not do', async () => {
    const url = `${stage.api.url}/?target=shop-0001`;
    const viewer = await browser.open(url, { key: await keyOf(stage, 'viewer') });
    await viewer.page.getByRole('complementary').waitFor();
    await viewer.page.getByText('viewer', { exact: true }).waitFor();
    expect(await viewer.page.getByRole('button', { name: 'Look anew…' }).count()).toBe(0);
    await viewer.close();
    const deployer = await browser.open(url, { key: await keyOf(stage, 'deployer') });
    await deployer.page.getByRole('button', { name: 'Look anew…' }).click();
    await deployer.page.getByRole('dialog').getByText('Nothing is changed').waitFor();
    await expectAccessible(deployer.page);
    await deployer.close();
  });

  test('changes by itself when something happens, without anybody reloading', async () => {
    const { page, close } = await browser.open(`${stage.api.url}/?bundle=${bundle}`, { key: stage.adminKey });
    await page.getByRole('gridcell', { name: 'shop-0002 current' }).waitFor();
    const made = await stage.call('POST', '/v1/deployments', {
      body: { target: 'shop-0002', mode: 'deployment', bundle },
    });
    expect(made.status).toBe(202);
    await page.getByRole('gridcell', { name: 'shop-0002 moving' }).waitFor();
    await stage.call('POST', `/v1/deployments/${made.body.id}/cancel`);
    await page.getByRole('gridcell', { name: 'shop-0002 current' }).waitFor();
    await close();
  });
});

describe.skipIf(chromiumPath() === null)('a fleet of 5,000', () => {
  let stage: Stage;
  let browser: Browser;

  beforeAll(async () => {
    [stage, browser] = await Promise.all([openStage(anyServer()), startBrowser()]);
    await enterTargets(stage.control, 5000, await stage.bundle(bundleOf(12)));
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
  });

  test.each(['targets', 'files'])('scrolls as one of 1,000 does: %s', async (view) => {
    const { page, close } = await browser.open(`${stage.api.url}/?view=${view}`, { key: stage.adminKey });
    await page.getByText('5,000 targets').waitFor();
    await page.getByRole(view === 'files' ? 'row' : 'gridcell', { name: /shop-0001/ }).waitFor();
    await page.setViewportSize({ width: 700, height: 500 });
    await expectNoLongTask(page, () => scroll(page), LONG_TASK_MS);
    await close();
  });
});
