import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Stage } from '../../api/test/support/service-stage.ts';
import { anyServer } from '../../../test-support/servers.ts';
import type { TestDatabase } from '../../../test-support/test-database.ts';
import {
  type Browser,
  chromiumPath,
  expectAccessible,
  expectFitsPhone,
  picture,
  startBrowser,
} from './support/browser.ts';
import { chooseFolder, writeFolder } from './support/folder.ts';
import { keyOf } from './support/key-of.ts';

const BASE = {
  'deployment/00000-room.sql': 'CREATE TABLE tbl_room (id integer PRIMARY KEY);\n',
  'deployment/00001-floor.sql': 'ALTER TABLE tbl_room ADD COLUMN floor integer;\n',
  'deployment/00002-index.sql': 'CREATE INDEX CONCURRENTLY room_floor ON tbl_room (floor);\n',
};

describe.skipIf(chromiumPath() === null)('starting', () => {
  let stage: Stage;
  let browser: Browser;
  let root: string;
  const databases = new Map<string, TestDatabase>();

  const countOf = async (where: string): Promise<number> => {
    const rows = await stage.control.query(`SELECT count(*)::int AS n FROM control_plane.${where}`, []);
    return (rows as { n: number }[])[0]?.n ?? -1;
  };

  beforeAll(async () => {
    [stage, browser, root] = await Promise.all([
      openStage(anyServer()),
      startBrowser(),
      mkdtemp(join(tmpdir(), 'pm-start-')),
    ]);
    await stage.worker();
    for (const n of [1, 2, 3, 4, 5]) {
      databases.set(`shop-${n}`, await stage.target(`shop-${n}`, { app: 'shop', env: n === 1 ? 'staging' : 'live' }));
    }
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
    await rm(root, { recursive: true, force: true });
  });

  test('from a folder with a problem: see it, mend it, see the plan, start, and it succeeds, by clicks alone', async () => {
    const folder = await writeFolder(join(root, 'sql'), {
      ...BASE,
      'deployment/00001-floor.sql': 'ALTER TABLE tbl_room\n  ADD COLUM floor integer;\n',
    });
    const { page, close } = await browser.open(`${stage.api.url}/start?target=shop-1`, { key: stage.adminKey });
    await page.getByLabel('A folder of this computer').check();
    await chooseFolder(page, folder);
    await page.getByText('The validator found 1 problem').waitFor();
    await page.getByText('deployment/00001-floor.sql:2:').waitFor();
    // What has problems is not even planned.
    await page.getByRole('button', { name: 'Show plan' }).click();
    await page.getByRole('alert').nth(1).waitFor();
    expect(await page.getByRole('button', { name: 'Start…' }).count()).toBe(0);
    await writeFolder(folder, BASE);
    await chooseFolder(page, folder);
    await page.getByText('the validator found no problem').waitFor();
    await page.getByRole('button', { name: 'Show plan' }).click();
    const plan = page.getByRole('region', { name: 'Plan' });
    await plan.getByText('shop-1 needs 3 files.').waitFor();
    await plan.getByText('outside a transaction').waitFor();
    expect(await plan.getByRole('listitem').count()).toBe(3);
    await expectAccessible(page);
    await plan.getByRole('button', { name: 'Start…' }).click();
    await page.getByText('3 files will be applied to shop-1, in the order shown, each once.').waitFor();
    await expectAccessible(page);
    // As somebody does who is not sure that the first click was one.
    await page.getByRole('button', { name: 'Deploy to shop-1' }).dblclick();
    await page.waitForURL(/\/deployments/);
    await expect
      .poll(() => countOf("deployments WHERE NOT dry_run AND target_name = 'shop-1' AND status = 'succeeded'"))
      .toBe(1);
    expect(await countOf("deployments WHERE NOT dry_run AND target_name = 'shop-1'")).toBe(1);
    await page.goto(`${stage.api.url}/deployments?target=shop-1`);
    await page.getByRole('row', { name: /shop-1 ?succeeded ?3 files applied/ }).waitFor();
    await close();
  });

  test('again from the same plan gives what was started, and no second one', async () => {
    const { page, close } = await browser.open(`${stage.api.url}/start?target=shop-2`, { key: stage.adminKey });
    const bundle = await stage.bundle(BASE);
    await page.goto(`${stage.api.url}/start?target=shop-2&bundle=${bundle}`);
    await page.getByRole('button', { name: 'Show plan' }).click();
    const sent: string[] = [];
    page.on('request', (request) => {
      const key = request.headers()['idempotency-key'];
      if (key !== undefined) sent.push(`${key} ${request.postData()}`);
    });
    await page.getByRole('button', { name: 'Start…' }).click();
    await page.getByRole('button', { name: 'Deploy to shop-2' }).click();
    await page.waitForURL(/\/deployments/);
    expect(sent.length).toBe(1);
    const [key = '', ...body] = (sent[0] ?? '').split(' ');
    const again = await stage.call('POST', '/v1/deployments', {
      raw: body.join(' '),
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
    });
    expect(again.status).toBeLessThan(300);
    expect(await countOf("deployments WHERE NOT dry_run AND target_name = 'shop-2'")).toBe(1);
    await close();
  });

  test('a rollout: what each target needs is grouped, and what will happen is said before it is started', async () => {
    const changed = await stage.bundle({
      ...BASE,
      'deployment/00003-name.sql': 'ALTER TABLE tbl_room ADD COLUMN name text;\n',
    });
    await expect
      .poll(() => countOf("deployments WHERE target_name = 'shop-2' AND status = 'succeeded' AND NOT dry_run"))
      .toBe(1);
    const { page, close } = await browser.open(`${stage.api.url}/start`, { key: stage.adminKey });
    await page.getByLabel('Targets by label').check();
    await page.getByLabel('With the labels').selectOption('app:shop');
    await page.getByText('5 targets of 5.').waitFor();
    await page.getByLabel('A stored bundle').check();
    await page.getByLabel('Bundle', { exact: true }).selectOption(changed);
    await page.getByText('Waves, budget, window').click();
    await page.getByLabel('Waves', { exact: true }).fill('env:staging, 1, rest');
    await page.getByLabel('Failure budget').fill('many');
    await page.keyboard.press('Enter');
    await page.getByText('Write a number of targets, or a percentage.').waitFor();
    await page.getByLabel('Failure budget').fill('1');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Show plan' }).click();
    const plan = page.getByRole('region', { name: 'Plan' });
    await plan.getByRole('button', { name: 'Start…' }).waitFor();
    // Three have nothing yet, two lack the last file.
    await plan.getByText('3 targets need the same 4 files.').waitFor();
    await plan.getByText('2 targets').waitFor();
    await plan.scrollIntoViewIfNeeded();
    await expectAccessible(page);
    await picture(page, 'start-plan');
    // Whatever is changed after that is no longer what was planned.
    await page.getByLabel('Failure budget').fill('2');
    await page.getByText('What the plan was of has changed since.').waitFor();
    expect(await plan.count()).toBe(0);
    await page.getByLabel('Failure budget').fill('1');
    await plan.getByRole('button', { name: 'Start…' }).click();
    await page.getByText('They go in 3 waves of 1, 1 and 3 targets, 20 at a time, 4 on one server.').waitFor();
    await page.getByText('When more than 1 target failed, nothing more is started.').waitFor();
    await picture(page, 'start-confirm');
    await page.getByRole('button', { name: 'Start on 5 targets' }).click();
    await page.waitForURL(/rollout/);
    await expect
      .poll(() => countOf("rollouts WHERE NOT dry_run AND status = 'succeeded'"), { timeout: 20_000 })
      .toBe(1);
    const rooms = await databases.get('shop-5')?.query('SELECT name FROM tbl_room', []);
    expect(rooms).toEqual([]);
    await close();
  });

  test('is refused where an applied file changed, and says which', async () => {
    const bundle = await stage.bundle({
      ...BASE,
      'deployment/00001-floor.sql': 'ALTER TABLE tbl_room ADD COLUMN floor bigint;\n',
    });
    const { page, close } = await browser.open(`${stage.api.url}/start?label=app:shop&bundle=${bundle}`, {
      key: stage.adminKey,
      colorScheme: 'dark',
    });
    await page.getByRole('button', { name: 'Show plan' }).click();
    await page.getByText('Nothing can be started: mend what is named first.').waitFor();
    await page.getByRole('region', { name: 'Plan' }).getByText('deployment/00001-floor.sql').first().waitFor();
    await expectAccessible(page);
    await picture(page, 'start-refused-dark');
    await close();
  });

  test('is no viewer’s, and fits a phone', async () => {
    const viewer = await browser.open(`${stage.api.url}/start?target=shop-3`, { key: await keyOf(stage, 'viewer') });
    await viewer.page.getByText('This key may not deploy').waitFor();
    expect(await viewer.page.getByRole('button', { name: 'Show plan' }).count()).toBe(0);
    await viewer.close();
    const { page, close } = await browser.open(`${stage.api.url}/start?label=app:shop`, {
      key: await keyOf(stage, 'deployer'),
      phone: true,
    });
    await page.getByText('5 targets of 5.').waitFor();
    await page.getByText('Waves, budget, window').click();
    await expectFitsPhone(page);
    await expectAccessible(page);
    await picture(page, 'start-phone');
    await close();
  });
});
