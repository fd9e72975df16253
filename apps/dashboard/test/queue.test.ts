import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Stage, until } from '../../api/test/support/service-stage.ts';
import { LOCK_KEY } from '../../../libs/sql-deploy/src/target/lock.ts';
import { anyServer } from '../../../test-support/servers.ts';
import { type Browser, chromiumPath, expectAccessible, picture, startBrowser } from './support/browser.ts';
import { expectNoLongTask } from './support/longest-task.ts';
import { enterQueued } from './support/deployment-rows.ts';
import { bundleOf, enterTargets } from './support/fleet-rows.ts';
import { keyOf } from './support/key-of.ts';
import { scroll } from './support/scroll.ts';

const WAITS = `DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM gate) LOOP PERFORM pg_sleep(0.02); END LOOP; END $$;\n`;

describe.skipIf(chromiumPath() === null)('the queue', () => {
  let stage: Stage;
  let browser: Browser;
  let bundle: string;

  beforeAll(async () => {
    [stage, browser] = await Promise.all([openStage(anyServer()), startBrowser()]);
    bundle = await stage.bundle({ 'deployment/00000-wait.sql': WAITS });
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
  });

  async function deploy(target: string, more: object = {}): Promise<string> {
    const body = { target, mode: 'deployment', bundle, ...more };
    const made = await stage.call('POST', '/v1/deployments', { body });
    if (made.status !== 202) throw new Error(made.text);
    return made.body.id;
  }

  async function freeze(labels: Record<string, string>, reason: string): Promise<void> {
    const made = await stage.call('POST', '/v1/freezes', { body: { labels, reason } });
    if (made.status !== 201) throw new Error(made.text);
  }

  const at = (query = ''): string => `${stage.api.url}/queue${query}`;

  test('is empty, and says that no worker is there', async () => {
    const { page, close } = await browser.open(at(), { key: stage.adminKey });
    await page.getByText('Nothing waits and nothing runs').waitFor();
    await page.getByText('No worker is alive').waitFor();
    await page.getByRole('tab', { name: 'Workers (0 alive)' }).click();
    await page.getByText('No worker has reported').waitFor();
    await close();
  });

  test('tells of each what it waits for and since when, and changes by itself', async () => {
    const running = await stage.target('running');
    const locked = await stage.target('locked');
    for (const database of [running, locked]) await database.query('CREATE TABLE gate (name text)');
    await stage.target('frozen', { env: 'frozen' });
    const holder = await locked.connect();
    await holder.query(`SET application_name = 'a night job'; SELECT pg_advisory_lock(${LOCK_KEY})`);
    await stage.worker();
    const first = await deploy('running');
    await until(
      () => stage.call('GET', `/v1/deployments/${first}`),
      ({ body }) => body.status === 'running',
    );
    await deploy('running');
    await deploy('running', { notBefore: new Date(Date.now() + 7_200_000).toISOString() });
    await deploy('locked');
    await freeze({ env: 'frozen' }, 'the books are being closed');
    const frozen = await deploy('frozen');

    const { page, close } = await browser.open(at(), { key: stage.adminKey });
    const reasons = page.getByRole('region', { name: 'What they wait for' });
    const reason = (kind: string, text: RegExp): Promise<void> =>
      reasons.locator(`[data-reason="${kind}"]`).filter({ hasText: text }).waitFor();
    await reason('freeze', /^1waits for the end of a freeze.*frozen: .* bootstrap.*: the books are being closed/);
    await reason('predecessor', /^1waits for the one before it on its target.*running: .*which is running/);
    await reason('time', /^1waits for its time, in 1 h/);
    await reason('lock', /^1waits for its target’s lock.*a night job/);
    const lines = page.getByRole('grid', { name: 'Lines of targets' });
    expect(await lines.getByRole('row').nth(1).textContent()).toContain('running2');
    await lines.getByRole('row', { name: /locked.*a night job/ }).waitFor();
    await page.getByRole('figure', { name: 'Depth of the queue' }).waitFor();
    await page.getByRole('img', { name: /^At most \d+ deployments? queued and/ }).waitFor();

    await stage.call('POST', `/v1/deployments/${frozen}/cancel`);
    await reasons.getByText('the books are being closed').waitFor({ state: 'detached' });
    await page.getByRole('tab', { name: 'One by one' }).click();
    await page.getByRole('button', { name: '1 scheduled' }).click();
    await page.getByRole('row', { name: /running scheduled.*Waits for its time/ }).waitFor();
    // The locked one is looked at now and then: it runs meanwhile.
    await page.getByRole('button', { name: /^\d running/ }).click();
    await page.getByRole('row', { name: /^running running.*it is under way/ }).click();
    await page.waitForURL((url) => url.pathname === `/deployments/${first}`);
    await close();
  });

  test('shows workers, the living and the silent, with what they have in hand', async () => {
    await stage.control.query(
      `INSERT INTO control_plane.workers (id, host, pid, version, concurrency, running, heartbeat_at)
       VALUES (gen_random_uuid(), 'db-worker-2', 4711, '0.1.0', 10, 4, now() - interval '20 min')`,
    );
    const { page, close } = await browser.open(at('?tab=workers'), { key: await keyOf(stage, 'viewer') });
    const silent = page.getByRole('row', { name: /db-worker-2 pid 4711/ });
    await silent.getByText('silent').waitFor();
    await silent.getByText('20 min ago').waitFor();
    const alive = page.getByRole('row').filter({ hasText: 'alive' });
    await alive.getByRole('link', { name: 'running' }).waitFor();
    await alive.getByText(/\d of 10/).waitFor();
    await page.getByRole('tab', { name: 'Workers (1 alive)' }).waitFor();
    await picture(page, 'queue-workers');
    await expectAccessible(page);
    await close();
  });

  describe('of 10,000', () => {
    beforeAll(async () => {
      const files = await stage.bundle(bundleOf(12));
      await enterTargets(stage.control, 300, files);
      // No worker is to try them: their targets lead nowhere.
      await freeze({ env: 'staging' }, 'staging is being moved');
      await freeze({ env: 'production' }, 'quarter end');
      await enterQueued(stage.control, 10_000, files);
    });

    test('scrolls without a stutter', async () => {
      const { page, close } = await browser.open(at('?tab=all'), { key: stage.adminKey });
      await page
        .getByRole('row', { name: /shop-\d+ queued/ })
        .first()
        .waitFor();
      await expectNoLongTask(page, () => scroll(page));
      expect(await page.getByRole('row').count()).toBeLessThan(120);
      await page.getByRole('grid').focus();
      await page.keyboard.press('End');
      const count = async () => Number(await page.getByRole('grid').getAttribute('aria-rowcount'));
      await expect.poll(count, { timeout: 20_000 }).toBeGreaterThan(150);
      await close();
    });

    test.each(['light', 'dark'] as const)('has names and contrasts, %s', async (colorScheme) => {
      const { page, close } = await browser.open(at(), { key: stage.adminKey, colorScheme });
      await page
        .getByRole('row', { name: /shop-\d+/ })
        .first()
        .waitFor();
      await page.getByRole('figure', { name: 'Depth of the queue' }).waitFor();
      await page.getByText(/Shown are the 200 longest lines; .* more wait on/).waitFor();
      await expectAccessible(page);
      await picture(page, `queue-${colorScheme}`);
      await close();
    });

    test('fits a phone', async () => {
      const { page, close } = await browser.open(at(), { key: stage.adminKey, phone: true });
      await page
        .getByRole('row', { name: /shop-\d+/ })
        .first()
        .waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      await expectAccessible(page);
      await picture(page, 'queue-phone');
      await close();
    });
  });
});
