import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Reply, type Stage, until } from '../../api/test/support/service-stage.ts';
import { anyServer } from '../../../test-support/servers.ts';
import { type Browser, chromiumPath, expectAccessible, picture, startBrowser } from './support/browser.ts';
import { expectNoLongTask, leastOf, longestTask } from './support/longest-task.ts';
import { bundleOf, enterTargets } from './support/fleet-rows.ts';
import { keyOf } from './support/key-of.ts';
import { proxyTo } from './support/proxy.ts';

const ORDERS = { 'deployment/00000-orders.sql': 'CREATE TABLE orders (id integer, total numeric);\n' };
const CHANGE = 'deployment/00001-orders-have-notes.sql';
/** The table is not called so on some of them. */
const BROKEN = { ...ORDERS, [CHANGE]: '-- Notes of the shop.\nALTER TABLE order_s ADD COLUMN note text;\n' };
const MENDED = { ...ORDERS, [CHANGE]: '-- Notes of the shop.\nALTER TABLE orders ADD COLUMN note text;\n' };

describe.skipIf(chromiumPath() === null)('rollouts', () => {
  let stage: Stage;
  let browser: Browser;

  beforeAll(async () => {
    [stage, browser] = await Promise.all([openStage(anyServer()), startBrowser()]);
    await stage.worker();
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
  });

  let fleets = 0;
  /** So many databases under a label of their own. */
  const fleet = async (count: number): Promise<string> => {
    const label = String(++fleets);
    // One by one: many at once keep the disk from all others on the server, the control database among them.
    for (let n = 0; n < count; n++)
      await stage.target(`store-${label}-${String(n).padStart(2, '0')}`, { fleet: label });
    return label;
  };
  const start = async (body: object): Promise<string> => {
    const reply = await stage.call('POST', '/v1/rollouts', { body: { mode: 'deployment', ...body } });
    if (reply.status !== 202) throw new Error(reply.text);
    return reply.body.id;
  };
  const comes = (id: string, status: string): Promise<Reply> =>
    until(
      () => stage.call('GET', `/v1/rollouts/${id}`),
      ({ body }) => body.status === status,
    );
  const statusIs = (page: Page, status: string): Promise<void> =>
    page.locator('.view-head').getByText(status, { exact: true }).waitFor();
  const open = (id: string, options: Parameters<Browser['open']>[1] = {}): ReturnType<Browser['open']> =>
    browser.open(`${stage.api.url}/rollouts/${id}`, { key: stage.adminKey, ...options });

  test('are watched to their end, with nobody reloading', async () => {
    const label = await fleet(30);
    const bundle = await stage.bundle({ ...ORDERS, 'deployment/00001-slow.sql': 'SELECT pg_sleep(0.6);\n' });
    const id = await start({
      bundle,
      selector: { fleet: label },
      waves: [{ count: 1 }, { percent: 40 }, 'rest'],
      maxParallel: 4,
    });
    const { page, close } = await open(id);
    const waves = page.getByRole('list', { name: 'Waves' });
    await waves.getByRole('img', { name: /^Of 12 targets: .*started/ }).waitFor();
    await page.getByText('Waits for wave 2 to end.').first().waitFor();
    await page.getByText('a minute').waitFor();
    await waves.getByRole('img', { name: /^Of 17 targets: .*succeeded, .*started/ }).waitFor();
    await picture(page, 'rollout-running');
    await statusIs(page, 'succeeded');
    await waves.getByRole('img', { name: 'Of 17 targets: 17 succeeded' }).waitFor();
    await page.getByRole('figure', { name: 'Targets that had ended' }).getByText('Ended 30').waitFor();
    expect(await page.getByRole('region', { name: 'What failed' }).count()).toBe(0);
    await page.getByRole('tab', { name: /events$/ }).click();
    await page.getByRole('gridcell', { name: 'It came to its end: succeeded.' }).waitFor();
    await close();
  });

  test('are stopped by their budget, resumed with a mended bundle and finished, by clicks alone', async () => {
    const label = await fleet(6);
    const mended = await stage.bundle(MENDED);
    const id = await start({
      bundle: await stage.bundle(BROKEN),
      selector: { fleet: label },
      waves: [{ count: 2 }, 'rest'],
    });
    const { page, close } = await browser.open(`${stage.api.url}/rollouts`, { key: stage.adminKey });
    const row = page.getByRole('row', { name: id.slice(0, 8) });
    await row.getByRole('gridcell', { name: 'stopped' }).waitFor();
    await row.getByRole('link', { name: id.slice(0, 8) }).click();
    await page.getByRole('status').getByText('and the budget is 0').waitFor();
    const failures = page.getByRole('list', { name: 'Failures' });
    await failures.getByText('relation "order_s" does not exist').waitFor();
    await failures.getByText(`${CHANGE}:2`).waitFor();
    await picture(page, 'rollout-stopped-light');
    await page.getByRole('button', { name: 'Resume…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Resume this rollout?' });
    await dialog.getByLabel('Bundle').selectOption(mended);
    await dialog.getByText(`${CHANGE} changed`).waitFor();
    expect(await dialog.getByRole('checkbox').isChecked()).toBe(true);
    await expectAccessible(page);
    await picture(page, 'rollout-resume');
    await dialog.getByRole('button', { name: 'Resume it' }).click();
    await statusIs(page, 'succeeded');
    await page.getByRole('list', { name: 'Waves' }).getByRole('img', { name: 'Of 4 targets: 4 succeeded' }).waitFor();
    expect(await page.getByRole('list', { name: 'Failures' }).count()).toBe(0);
    await close();
  });

  test('that ended with failures are tried again, and followed on', async () => {
    const label = await fleet(2);
    const mended = await stage.bundle(MENDED);
    const id = await start({
      bundle: await stage.bundle(BROKEN),
      selector: { fleet: label },
      failureBudget: { count: 5 },
    });
    await comes(id, 'failed');
    const { page, close } = await open(id);
    await statusIs(page, 'failed');
    // Its events are over.
    const refusals = (): Promise<number> =>
      page.evaluate(() => {
        const asked = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
        return asked.filter(({ responseStatus }) => responseStatus === 204).length;
      });
    await expect.poll(refusals, { timeout: 10_000 }).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Retry failed…' }).click();
    await page.getByRole('dialog').getByLabel('Bundle').selectOption(mended);
    await page.getByRole('button', { name: 'Retry 2 targets' }).click();
    await statusIs(page, 'succeeded');
    await page.getByRole('tab', { name: /events$/ }).click();
    await page.getByText(`resumed it: with bundle ${mended.slice(0, 8)}, 2 come again.`).waitFor();
    await page.getByText('It came to its end: succeeded.').waitFor();
    await close();
  });

  test('go on at a gate when somebody promotes, and leave out whom somebody skips', async () => {
    const label = await fleet(4);
    const id = await start({
      bundle: await stage.bundle(ORDERS),
      selector: { fleet: label },
      waves: [{ count: 1 }, { count: 2 }, 'rest'],
      between: 'manual',
    });
    const { page, close } = await open(id, { key: await keyOf(stage, 'deployer') });
    await page.getByRole('status').getByText('Waits for somebody to promote wave 2.').waitFor();
    await page.getByRole('button', { name: `Skip store-${label}-03…` }).click();
    const skip = page.getByRole('dialog', { name: `Skip store-${label}-03?` });
    // Without a reason nothing happens.
    await skip.getByRole('button', { name: /^Skip/ }).click();
    expect(await skip.isVisible()).toBe(true);
    await skip.getByLabel('Reason').fill('is being moved');
    await expectAccessible(page);
    await skip.getByRole('button', { name: /^Skip/ }).click();
    await page.getByRole('gridcell', { name: 'By deployer key: is being moved' }).waitFor();
    await page.getByRole('button', { name: 'Promote wave 2…' }).click();
    await page.getByRole('dialog').getByText('on 2 targets').waitFor();
    await page.getByRole('button', { name: 'Begin wave 2' }).click();
    // Of the third wave nothing is left.
    await statusIs(page, 'succeeded');
    expect(await page.getByRole('button', { name: /…$/ }).count()).toBe(0);
    await close();
  });

  test('are paused, and cancelled, after it was said what that does', async () => {
    const label = await fleet(3);
    const id = await start({
      bundle: await stage.bundle(ORDERS),
      selector: { fleet: label },
      waves: [{ count: 1 }, 'rest'],
      between: 'manual',
    });
    const { page, close } = await open(id);
    await page.getByRole('status').getByText('promote wave 2').waitFor();
    await page.getByRole('button', { name: 'Pause…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('2 targets wait until somebody resumes it').waitFor();
    await dialog.getByLabel('Reason').fill('lunch');
    await dialog.getByRole('button', { name: 'Pause it' }).click();
    await statusIs(page, 'paused');
    await page.getByRole('status').getByText('lunch').waitFor();
    await page.getByRole('button', { name: 'Cancel…' }).click();
    await dialog.getByText('2 targets that wait never start.').waitFor();
    await dialog.getByText('It cannot be resumed.').waitFor();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Cancel it for good' }).click();
    await statusIs(page, 'cancelled');
    expect(await page.getByRole('button', { name: /…$/ }).count()).toBe(0);
    await close();
  });

  test('with protected targets wait for an approval, which another key gives or refuses by clicks', async () => {
    const label = await fleet(3);
    await stage.call('POST', '/v1/protections', {
      body: { labels: { fleet: label }, reason: 'they are in production' },
    });
    const deployerKey = await keyOf(stage, 'deployer');
    const approverKey = await keyOf(stage, 'approver');
    const body = {
      mode: 'deployment',
      bundle: await stage.bundle(ORDERS),
      selector: { fleet: label },
      waves: [{ count: 2 }, 'rest'],
    };
    const { id } = (await stage.call('POST', '/v1/rollouts', { body, key: deployerKey })).body;
    const deployer = await open(id, { key: deployerKey });
    await deployer.page.getByRole('status').getByText('Waits for an approval of wave 1').waitFor();
    await deployer.page.getByRole('list', { name: 'Plans' }).getByText('deployment/00000-orders.sql').waitFor();
    expect(await deployer.page.getByRole('button', { name: /^(Approve|Reject)/ }).count()).toBe(0);
    await deployer.close();
    const { page, close } = await open(id, { key: approverKey });
    await page.getByRole('button', { name: 'Approve…' }).waitFor();
    // Who approves asks for nothing.
    expect(await page.getByRole('button', { name: /^(Pause|Cancel|Skip)/ }).count()).toBe(0);
    await expectAccessible(page);
    await picture(page, 'rollout-approval');
    await page.getByRole('button', { name: 'Approve…' }).click();
    await page.getByRole('dialog').getByText('on 2 protected targets').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Approve 2 targets' }).click();
    await page.getByRole('status').getByText('Waits for an approval of wave 2').waitFor();
    await page.getByRole('list', { name: 'Waves' }).getByRole('img', { name: 'Of 2 targets: 2 succeeded' }).waitFor();
    await page.getByRole('button', { name: 'Reject…' }).click();
    await page.getByLabel('Reason').fill('not today');
    await page.getByRole('button', { name: 'Reject it' }).click();
    await statusIs(page, 'cancelled');
    await page.getByRole('status').getByText('rejected it: not today').waitFor();
    await close();
  });

  test('offer a viewer nothing to do', async () => {
    const label = await fleet(2);
    const id = await start({ bundle: await stage.bundle(BROKEN), selector: { fleet: label } });
    await comes(id, 'stopped');
    const viewer = await open(id, { key: await keyOf(stage, 'viewer') });
    await statusIs(viewer.page, 'stopped');
    await viewer.page.getByRole('gridcell', { name: `store-${label}-01` }).waitFor();
    expect(await viewer.page.getByRole('button', { name: /…$/ }).count()).toBe(0);
    await viewer.close();
    const deployer = await open(id, { key: await keyOf(stage, 'deployer') });
    await deployer.page.getByRole('button', { name: 'Resume…' }).waitFor();
    await deployer.page.getByRole('button', { name: /^Skip/ }).first().waitFor();
    await deployer.close();
  });

  test('whose connection is cut in the middle are caught up with', async () => {
    const label = await fleet(4);
    const id = await start({
      bundle: await stage.bundle(ORDERS),
      selector: { fleet: label },
      waves: [{ count: 1 }, { count: 1 }, 'rest'],
      between: 'manual',
    });
    const proxy = await proxyTo(stage.api.port);
    const { page, complaints } = await browser.open(`${proxy.url}/rollouts/${id}?view=events`, { key: stage.adminKey });
    await page.getByRole('gridcell', { name: 'Wave 1 ended.' }).waitFor();
    proxy.away(true);
    await page.getByText('Reconnecting').waitFor();
    await stage.call('POST', `/v1/rollouts/${id}/promote`);
    await until(
      () => stage.call('GET', `/v1/rollouts/${id}/events/page`),
      ({ text }) => text.includes('"waitingFor":{"kind":"promotion","wave":3}'),
    );
    // What was shown stays.
    expect(await page.getByRole('gridcell', { name: 'Wave 1 ended.' }).isVisible()).toBe(true);
    proxy.away(false);
    await page.getByRole('status').getByText('promote wave 3').waitFor();
    await page.getByRole('button', { name: 'Promote wave 3…' }).click();
    await page.getByRole('button', { name: 'Begin wave 3' }).click();
    await statusIs(page, 'succeeded');
    await page.getByRole('gridcell', { name: 'It came to its end: succeeded.' }).waitFor();
    // Each event once, none left out.
    const { lastEvent } = (await comes(id, 'succeeded')).body as unknown as { lastEvent: number };
    const numbers = await page.getByRole('row').locator('[role=gridcell]:first-child').allTextContents();
    expect(numbers.map(Number)).toEqual(numbers.map((_, index) => lastEvent - index));
    expect(await page.getByRole('grid', { name: 'Events' }).getAttribute('aria-rowcount')).toBe(String(lastEvent + 1));
    await page.context().close();
    proxy.close();
    // The browser itself tells of connections that were refused; the page tells nothing.
    expect(complaints.filter((line) => !line.includes('Failed to load resource: net::ERR'))).toEqual([]);
  });

  test('of a dry run tell what each target needs', async () => {
    const label = await fleet(2);
    const id = await start({ bundle: await stage.bundle(MENDED), selector: { fleet: label }, dryRun: true });
    const { page, close } = await open(id);
    await statusIs(page, 'succeeded');
    await page.getByRole('list', { name: 'Plan' }).getByText(CHANGE).waitFor();
    await expectAccessible(page);
    await close();
  });

  test.each(['light', 'dark'] as const)('have names and contrasts, %s', async (colorScheme) => {
    const label = await fleet(12);
    const id = await start({
      bundle: await stage.bundle(BROKEN),
      selector: { fleet: label },
      waves: [{ count: 3 }, { percent: 40 }, 'rest'],
      failureBudget: { count: 1 },
    });
    await comes(id, 'stopped');
    const one = await open(id, { colorScheme });
    await one.page.getByRole('list', { name: 'Failures' }).waitFor();
    await one.page.getByText('As a table').click();
    await one.page.getByRole('region', { name: /as a table$/ }).waitFor();
    await expectAccessible(one.page);
    await one.page.getByText('As a table').click();
    if (colorScheme === 'dark') await picture(one.page, 'rollout-stopped-dark');
    for (const tab of ['events', 'About']) {
      await one.page.getByRole('tab', { name: tab }).click();
      await expectAccessible(one.page);
    }
    await one.close();
    const list = await browser.open(`${stage.api.url}/rollouts`, { key: stage.adminKey, colorScheme });
    await list.page.getByRole('row', { name: id.slice(0, 8) }).waitFor();
    await expectAccessible(list.page);
    await picture(list.page, `rollouts-${colorScheme}`);
    await list.page.getByLabel('Status').selectOption('stopped');
    await expect.poll(() => list.page.getByRole('gridcell', { name: 'succeeded', exact: true }).count()).toBe(0);
    expect(new URL(list.page.url()).search).toBe('?status=stopped');
    await list.page.getByRole('grid').focus();
    await list.page.keyboard.press('Enter');
    await list.page.getByRole('list', { name: 'Waves' }).waitFor();
    await list.close();
  });

  test('fit a phone', async () => {
    const label = await fleet(3);
    const id = await start({ bundle: await stage.bundle(BROKEN), selector: { fleet: label } });
    await comes(id, 'stopped');
    const overflow = (page: Page): Promise<number> =>
      page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    const { page, close } = await browser.open(`${stage.api.url}/rollouts`, { key: stage.adminKey, phone: true });
    await page.getByRole('link', { name: id.slice(0, 8) }).waitFor();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await expectAccessible(page);
    await picture(page, 'rollouts-phone');
    await page.getByRole('link', { name: id.slice(0, 8) }).tap();
    await page.getByRole('list', { name: 'Failures' }).waitFor();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await expectAccessible(page);
    await picture(page, 'rollout-phone');
    await close();
  });

  test('of 1,000 targets are scrolled through without a stutter, and fail live without one', async () => {
    const bundle = await stage.bundle(bundleOf(12));
    await enterTargets(stage.control, 1000, bundle);
    const about = { bundle, selector: { env: ['production', 'staging'] }, acceptTrouble: true };
    const waiting = await start({ ...about, notBefore: '2099-01-01T00:00:00Z' });
    const first = await open(waiting);
    await first.page.getByRole('gridcell', { name: 'shop-0001', exact: true }).waitFor();
    await first.page.getByRole('grid', { name: 'Targets of this rollout' }).focus();
    const toTheEnd = async (): Promise<void> => {
      for (let pages = 0; pages < 6; pages++) {
        await first.page.keyboard.press('End');
        await pause(150);
      }
    };
    await expectNoLongTask(first.page, toTheEnd);
    await first.page.getByRole('gridcell', { name: 'shop-1000', exact: true }).waitFor();
    await first.close();

    // Their DSNs lead nowhere: each fails at once, a thousand in a dozen seconds.
    const watchFailing = async (): Promise<number> => {
      const failing = await start({ ...about, waves: ['rest'], failureBudget: { percent: 100 }, maxParallel: 50 });
      const { page, close } = await open(failing);
      await page.getByText('a minute').waitFor();
      const ended = page.locator('.tiles dd').first();
      const before = await ended.textContent();
      const longestMs = await longestTask(page, () => pause(3000));
      expect(await ended.textContent()).not.toBe(before);
      await close();
      await stage.call('POST', `/v1/rollouts/${failing}/cancel`);
      return longestMs;
    };
    expect(await leastOf(3, 100, watchFailing)).toBeLessThan(100);
  });

  test('are listed page by page, all of them', async () => {
    const label = await fleet(1);
    const about = { bundle: await stage.bundle(ORDERS), selector: { fleet: label }, notBefore: '2099-01-01T00:00:00Z' };
    const oldest = await start(about);
    for (let made = 1; made < 130; made++) await start(about);
    const { page, close } = await browser.open(`${stage.api.url}/rollouts?status=scheduled`, { key: stage.adminKey });
    const list = page.getByRole('grid', { name: 'Rollouts' });
    await list
      .getByRole('gridcell', { name: /^its time in/ })
      .first()
      .waitFor();
    await list.focus();
    await page.keyboard.press('End');
    // The next page comes when the end of this one is reached.
    await expect.poll(async () => Number(await list.getAttribute('aria-rowcount'))).toBeGreaterThan(130);
    await page.keyboard.press('End');
    await list.getByRole('link', { name: oldest.slice(0, 8) }).waitFor();
    expect(await list.getByRole('row').count()).toBeLessThan(80);
    await close();
  });
});
