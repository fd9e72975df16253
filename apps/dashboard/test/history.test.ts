import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Stage } from '../../api/test/support/service-stage.ts';
import { anyServer } from '../../../test-support/servers.ts';
import {
  type Browser,
  chromiumPath,
  expectAccessible,
  expectFitsPhone,
  picture,
  startBrowser,
} from './support/browser.ts';
import { expectNoLongTask, leastOf } from './support/longest-task.ts';
import { bundleOf, enterTargets } from './support/fleet-rows.ts';
import { enterDeployments } from './support/history-rows.ts';
import { keyOf } from './support/key-of.ts';

const COUNT = 100_000;

async function scroll(page: Page): Promise<void> {
  for (let times = 0; times < 12; times++) {
    // Not the wheel: its event may wait for ever at the end of what is loaded.
    await page.evaluate((by) => scrollBy(0, by), times < 9 ? 900 : -900);
    await page.waitForTimeout(40);
  }
}

describe.skipIf(chromiumPath() === null)('history', () => {
  let stage: Stage;
  let browser: Browser;
  let bundle: string;

  beforeAll(async () => {
    [stage, browser] = await Promise.all([openStage(anyServer()), startBrowser()]);
    bundle = await stage.bundle(bundleOf(12));
    await enterTargets(stage.control, 100, bundle);
    await enterDeployments(stage.control, COUNT, bundle);
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
  });

  test('of 100,000 deployments is there within a second of its data, and scrolls without a stutter', async () => {
    const { page, close } = await browser.open(`${stage.api.url}/deployments`, { key: stage.adminKey });
    const shownMs = async (): Promise<number> => {
      await page.reload();
      await page.getByRole('row').nth(5).waitFor();
      return await page.evaluate(() => {
        const answers = performance.getEntriesByType('resource').filter(({ name }) => name.includes('/v1/deployments'));
        return performance.now() - (answers[0] as PerformanceResourceTiming).responseEnd;
      });
    };
    expect(await leastOf(3, 1000, shownMs)).toBeLessThan(1000);
    await page.goto(`${stage.api.url}/deployments?createdBefore=${new Date(Date.now() - 7_500_000).toISOString()}`);
    await page
      .getByRole('row', { name: /tbl_rooom/ })
      .first()
      .waitFor();
    await page.setViewportSize({ width: 1360, height: 600 });
    await picture(page, 'history');
    await page.goto(`${stage.api.url}/deployments`);
    await page.getByRole('row').nth(5).waitFor();
    await page.setViewportSize({ width: 1100, height: 500 });
    await expectNoLongTask(page, () => scroll(page));
    // On and on: page after page, and no more rows in the page than are in sight.
    const grid = page.getByRole('grid', { name: 'Deployments' });
    await grid.focus();
    const rowCount = async (): Promise<number> => Number(await grid.getAttribute('aria-rowcount'));
    const before = await rowCount();
    await page.keyboard.press('End');
    await expect.poll(rowCount).toBeGreaterThan(before);
    expect(await page.getByRole('row').count()).toBeLessThan(80);
    await close();
  });

  test('is filtered in the address, and a reload shows the same', async () => {
    const { page, close } = await browser.open(`${stage.api.url}/deployments`, { key: stage.adminKey });
    const failed = page.getByRole('row', { name: /failed.*tbl_rooom/ }).first();
    await page.getByLabel('Status').selectOption('failed');
    await page.getByLabel('Target').fill('shop-0033');
    await page.getByLabel('Mode').selectOption('deployment');
    await failed.waitFor();
    await expect.poll(() => new URL(page.url()).searchParams.get('target')).toBe('shop-0033');
    const seen = async (): Promise<string[]> => {
      await expect
        .poll(async () =>
          (await page.getByRole('row', { name: /shop-/ }).allTextContents()).every((row) =>
            row.startsWith('shop-0033failed'),
          ),
        )
        .toBe(true);
      return (await page.getByRole('row', { name: /shop-/ }).allTextContents()).map((row) => row.slice(0, 40));
    };
    const before = await seen();
    expect(before.length).toBeGreaterThan(5);
    await page.reload();
    await failed.waitFor();
    expect(await seen()).toEqual(before);
    expect(await page.getByLabel('Status').inputValue()).toBe('failed');
    // By time: what is after the newest is nothing.
    await page.getByLabel('After').fill('2099-01-01T00:00');
    await page.getByText('No deployment fits').waitFor();
    await page.reload();
    await page.getByText('No deployment fits').waitFor();
    expect(await page.getByLabel('After').inputValue()).toBe('2099-01-01T00:00');
    await page.getByRole('button', { name: 'Show all deployments' }).click();
    await page
      .getByRole('row', { name: /succeeded/ })
      .first()
      .waitFor();
    await close();
  });

  test.each(['csv', 'json'])('is saved as %s, byte for byte what the service gives', async (format) => {
    const search = 'target=shop-0033&status=failed';
    const { page, close } = await browser.open(`${stage.api.url}/deployments?${search}`, { key: stage.adminKey });
    await page.getByRole('button', { name: 'Export…' }).click();
    await page.getByText('1,000,000 at most').waitFor();
    await page.getByLabel(format === 'csv' ? 'CSV, for spreadsheets' : 'JSON, with everything').check();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: `Save as ${format.toUpperCase()}` }).click();
    const saved = await download;
    expect(saved.suggestedFilename()).toMatch(new RegExp(`^deployments-[\\dTZ-]+\\.${format}$`));
    const asked = await stage.call('GET', `/v1/deployments/export?${search}&format=${format}`);
    expect(await readFile(await saved.path(), 'utf8')).toBe(asked.text);
    expect(asked.text.length).toBeGreaterThan(1000);
    await close();
  });

  test('changes by itself', async () => {
    const { page, close } = await browser.open(`${stage.api.url}/deployments?target=shop-0002`, {
      key: stage.adminKey,
    });
    await page
      .getByRole('row', { name: /succeeded/ })
      .first()
      .waitFor();
    const { body } = await stage.call('POST', '/v1/deployments', {
      body: { target: 'shop-0002', mode: 'deployment', bundle },
    });
    await page.getByRole('row', { name: /queued/ }).waitFor();
    await stage.call('POST', `/v1/deployments/${body.id}/cancel`);
    await page
      .getByRole('row', { name: /cancelled/ })
      .first()
      .waitFor();
    await expect.poll(() => page.getByRole('row', { name: /queued/ }).count()).toBe(0);
    await close();
  });

  test.each(['light', 'dark'] as const)('has names and contrasts, %s', async (colorScheme) => {
    const { page, close } = await browser.open(`${stage.api.url}/deployments?status=failed`, {
      key: stage.adminKey,
      colorScheme,
    });
    await page
      .getByRole('row', { name: /failed/ })
      .first()
      .waitFor();
    await expectAccessible(page);
    await page.setViewportSize({ width: 1360, height: 600 });
    if (colorScheme === 'dark') await picture(page, 'history-dark');
    await close();
  });

  test('fits a phone, and is a viewer’s as far as the key sees', async () => {
    const key = await keyOf(stage, 'viewer', { shard: '3' });
    const { page, close } = await browser.open(`${stage.api.url}/deployments`, { key, phone: true });
    await page.getByRole('row', { name: /shop-/ }).first().waitFor();
    for (const row of await page.getByRole('row', { name: /shop-/ }).allTextContents()) {
      expect(row).toMatch(/^shop-00\d3/);
    }
    await expectFitsPhone(page);
    await expectAccessible(page);
    await picture(page, 'history-phone');
    await close();
  });
});
