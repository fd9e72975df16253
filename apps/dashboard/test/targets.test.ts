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
import { expectNoLongTask } from './support/longest-task.ts';
import { bundleOf, enterTargets } from './support/fleet-rows.ts';
import { keyOf } from './support/key-of.ts';

async function scroll(page: Page): Promise<void> {
  for (const by of [400, 400, 400, 400, 400, -600, -600]) {
    await page.mouse.wheel(0, by);
    await page.waitForTimeout(30);
  }
}

/** Everything that the page holds: its markup, what is typed into fields, what is stored. */
async function allOf(page: Page): Promise<string> {
  return page.evaluate(() =>
    [
      document.documentElement.outerHTML,
      ...[...document.querySelectorAll('input, textarea')].map((field) => (field as HTMLInputElement).value),
      JSON.stringify({ ...sessionStorage, ...localStorage }),
      location.href,
    ].join('\n'),
  );
}

describe.skipIf(chromiumPath() === null)('targets', () => {
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

  test('1,000 are a list that scrolls without a stutter, filtered in the address', async () => {
    const { page, close } = await browser.open(`${stage.api.url}/targets`, { key: stage.adminKey });
    await page.getByRole('row', { name: /shop-0001 current/ }).waitFor();
    expect(await page.getByRole('row').count()).toBeLessThan(60);
    await page.setViewportSize({ width: 1360, height: 600 });
    await picture(page, 'targets');
    await page.mouse.move(700, 500);
    await expectNoLongTask(page, () => scroll(page));
    await page.getByRole('button', { name: '30 behind' }).click();
    await page.getByLabel('Filter by name').fill('shop-01');
    await page.getByRole('row', { name: /shop-0107 behind/ }).waitFor();
    await page.reload();
    await page.getByRole('row', { name: /shop-0107 behind/ }).waitFor();
    expect(await page.getByRole('row').count()).toBe(4);
    await page.getByRole('row', { name: /shop-0107 behind/ }).click();
    await page.getByRole('heading', { name: 'shop-0107' }).waitFor();
    await close();
  });

  test.each(['light', 'dark'] as const)('one says what it is, lacks and has, %s', async (colorScheme) => {
    const { page, close } = await browser.open(`${stage.api.url}/targets/shop-0107`, {
      key: stage.adminKey,
      colorScheme,
    });
    await page.getByText('files not applied yet').waitFor();
    await page.getByRole('link', { name: 'deployment/00011-step.sql' }).waitFor();
    await expectAccessible(page);
    await picture(page, colorScheme === 'light' ? 'target' : 'target-dark');
    await page.getByRole('tab', { name: /^Applied/ }).click();
    await page.getByRole('row', { name: /deployment\/00000-step.sql/ }).waitFor();
    await expectAccessible(page);
    await page.getByRole('tab', { name: 'History' }).click();
    await page.getByRole('row', { name: /succeeded/ }).waitFor();
    await expectAccessible(page);
    await close();
  });

  test('one that is frozen says who froze it and why', async () => {
    const { body } = await stage.call('POST', '/v1/freezes', {
      body: { labels: { shard: '7' }, reason: 'Month end.' },
    });
    const { page, close } = await browser.open(`${stage.api.url}/targets/shop-0107`, { key: stage.adminKey });
    await page.getByText('Month end.').waitFor();
    await page.goto(`${stage.api.url}/targets/shop-0101`);
    await page.getByRole('heading', { name: 'shop-0101' }).waitFor();
    await page.getByText('Every file of this bundle is applied').waitFor();
    expect(await page.getByText('Month end.').count()).toBe(0);
    await stage.call('DELETE', `/v1/freezes/${body.id}`);
    await close();
  });

  test('are registered, changed and removed, and their DSN is never shown again', async () => {
    const { page, close } = await browser.open(`${stage.api.url}/targets`, { key: stage.adminKey });
    await page.getByRole('button', { name: 'Register a target…' }).click();
    await page.getByLabel('Name', { exact: true }).fill('new-shop');
    await page.getByLabel('DSN', { exact: true }).fill('not a dsn with hunter2');
    await page.getByLabel('Labels').fill('env:test shard');
    await page.getByText('“shard” is not of the form name:value.').waitFor();
    await page.getByLabel('Labels').fill('env:test shard:3');
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await page.getByRole('alert').waitFor();
    await expectAccessible(page);
    await page.getByLabel('DSN', { exact: true }).fill('postgres://shop:hunter2@db.example.internal:5433/shop');
    expect(await page.getByLabel('DSN', { exact: true }).getAttribute('type')).toBe('password');
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await page.getByRole('heading', { name: 'new-shop' }).waitFor();
    await page.getByText('db.example.internal:5433').waitFor();
    expect(await allOf(page)).not.toContain('hunter2');
    await page.getByRole('button', { name: 'Change…' }).click();
    expect(await page.getByLabel('DSN', { exact: true }).inputValue()).toBe('');
    await page.getByLabel('Labels').fill('env:test shard:4');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('shard:4').waitFor();
    await page.getByText('db.example.internal:5433').waitFor();
    expect(await allOf(page)).not.toContain('hunter2');
    await page.getByRole('button', { name: 'Remove…' }).click();
    await page.getByText('The database itself is not touched').waitFor();
    await page.getByRole('button', { name: 'Remove new-shop' }).click();
    await page.getByRole('heading', { name: 'Targets' }).waitFor();
    expect((await stage.call('GET', '/v1/targets/new-shop')).status).toBe(404);
    await close();
  });

  test('are a viewer’s to look at alone, and fit a phone', async () => {
    const key = await keyOf(stage, 'viewer');
    const { page, close } = await browser.open(`${stage.api.url}/targets`, { key, phone: true });
    await page.getByRole('row', { name: /shop-0001/ }).waitFor();
    expect(await page.getByRole('button', { name: 'Register a target…' }).count()).toBe(0);
    await expectFitsPhone(page);
    await expectAccessible(page);
    await page.getByRole('row', { name: /shop-0001/ }).tap();
    await page.getByRole('heading', { name: 'shop-0001' }).waitFor();
    await page.getByText('Every file of this bundle is applied').waitFor();
    expect(await page.getByRole('button', { name: /Change…|Remove…/ }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Deploy…' }).count()).toBe(0);
    await expectFitsPhone(page);
    await picture(page, 'target-phone');
    await close();
  });
});
