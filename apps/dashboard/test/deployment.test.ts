import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Stage, until } from '../../api/test/support/service-stage.ts';
import { LOCK_KEY } from '../../../libs/sql-deploy/src/target/lock.ts';
import { anyServer } from '../../../test-support/servers.ts';
import type { TestDatabase } from '../../../test-support/test-database.ts';
import { type Browser, chromiumPath, expectAccessible, picture, startBrowser } from './support/browser.ts';
import { expectNoLongTask } from './support/longest-task.ts';
import { enterLongDeployment } from './support/deployment-rows.ts';
import { keyOf } from './support/key-of.ts';
import { scroll } from './support/scroll.ts';

/** A file that ends when its gate is opened. */
const gated = (name: string): string =>
  `CREATE TABLE t_${name} (id integer);\nDO $$ BEGIN\n  RAISE NOTICE 'at gate ${name}';\n  WHILE NOT EXISTS (SELECT FROM gate WHERE name = '${name}') LOOP PERFORM pg_sleep(0.02); END LOOP;\nEND $$;\n`;
const GATED = {
  'deployment/00000-tables.sql': 'CREATE TABLE tbl_room (id integer PRIMARY KEY, name text);\n',
  'deployment/00001-rooms.sql': gated('a'),
  'deployment/00002-floors.sql': gated('b'),
  'deployment/00003-keys.sql': 'CREATE TABLE tbl_key (id integer);\n',
};
const BROKEN_LINE = "\t-- größe 漢字 🙂\tSELECT\n\tSELECT 'größe 漢字 🙂',\tnowhere FROM tbl_room;";
const BROKEN = {
  'deployment/00000-room.sql': 'CREATE TABLE tbl_room (id integer PRIMARY KEY, name text);\n',
  'deployment/00001-floor.sql': 'ALTER TABLE tbl_room ADD COLUMN floor integer;\n',
  'deployment/00002-size.sql': `-- Rooms are told their size.\nCREATE TABLE tbl_size (id integer);\n\nINSERT INTO tbl_size VALUES (1);\n\n${BROKEN_LINE}\n\nALTER TABLE tbl_room ADD COLUMN size integer;\nCOMMENT ON COLUMN tbl_room.size IS 'in square metres';\n`,
  'deployment/00003-last.sql': 'CREATE TABLE tbl_last (id integer);\n',
};
const STUCK = 'deployment/00001-call.sql';
/** The second file is half done when it breaks. */
const HALF_DONE = {
  'deployment/00000-a.sql': `CREATE TABLE calls (n serial);
    CREATE PROCEDURE work() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO calls DEFAULT VALUES; COMMIT; RAISE 'broken'; END $$;`,
  [STUCK]: '-- transactional: false\nCALL work();',
  'deployment/00002-last.sql': 'CREATE TABLE last_one (id integer);',
};

describe.skipIf(chromiumPath() === null)('a deployment', () => {
  let stage: Stage;
  let browser: Browser;
  let failedId: string;

  beforeAll(async () => {
    [stage, browser] = await Promise.all([openStage(anyServer()), startBrowser()]);
    await stage.worker();
    await stage.target('broken', { env: 'test' });
    failedId = await deploy('broken', await stage.bundle(BROKEN));
    await statusOf(failedId, 'failed');
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
  });

  async function deploy(target: string, bundle: string, more: object = {}): Promise<string> {
    const made = await stage.call('POST', '/v1/deployments', { body: { target, mode: 'deployment', bundle, ...more } });
    if (made.status !== 202) throw new Error(made.text);
    return made.body.id;
  }

  async function statusOf(id: string, wanted: string): Promise<void> {
    await until(
      () => stage.call('GET', `/v1/deployments/${id}`),
      ({ body }) => body.status === wanted,
    );
  }

  async function gate(name: string): Promise<{ database: TestDatabase; open: (gate: string) => Promise<unknown> }> {
    const database = await stage.target(name);
    await database.query('CREATE TABLE gate (name text)');
    return { database, open: (each) => database.query('INSERT INTO gate VALUES ($1)', [each]) };
  }

  const at = (id: string): string => `${stage.api.url}/deployments/${id}`;
  const step = (page: Page, path: string, state: string) =>
    page
      .getByRole('list', { name: 'Timeline' })
      .getByRole('listitem')
      .filter({ hasText: path })
      .getByText(state, { exact: true });
  const title = (page: Page, status: string) => page.getByRole('status').getByText(status, { exact: true });

  test('is watched to its end, step by step, and its log goes along', async () => {
    const { open } = await gate('watched');
    const id = await deploy('watched', await stage.bundle(GATED));
    const { page, close } = await browser.open(at(id), { key: stage.adminKey });
    await page.getByRole('heading', { name: 'Deployment on watched' }).waitFor();
    await title(page, 'running').waitFor();
    await step(page, '00001-rooms', 'running').waitFor();
    await step(page, '00000-tables', 'applied').waitFor();
    await step(page, '00002-floors', 'planned').waitFor();
    await page.getByText('NOTICE: at gate a').waitFor();
    expect(await page.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('1');
    await picture(page, 'deployment-running');
    await open('a');
    await step(page, '00001-rooms', 'applied').waitFor();
    await step(page, '00002-floors', 'running').waitFor();
    await page.getByRole('tab', { name: 'Log' }).click();
    const log = page.getByRole('log');
    await log.getByText('NOTICE: at gate b').waitFor();
    await log.getByText('deployment/00001-rooms.sql applied in').waitFor();
    await page.getByRole('button', { name: 'Stop following' }).click();
    await page.getByRole('button', { name: 'Follow', exact: true }).click();
    await expectAccessible(page);
    await open('b');
    await log.getByText('Ended: succeeded').waitFor();
    await title(page, 'succeeded').waitFor();
    await page.getByRole('tab', { name: 'Timeline' }).click();
    await step(page, '00003-keys', 'applied').waitFor();
    expect(await page.getByRole('button', { name: /Cancel|Retry/ }).count()).toBe(0);
    await close();
  });

  test('that failed has its caret below the very character, behind tabs and characters of several bytes', async () => {
    const { page, close } = await browser.open(at(failedId), { key: stage.adminKey });
    const failure = page.getByRole('region', { name: 'What went wrong' });
    await failure.getByText('column "nowhere" does not exist').waitFor();
    await failure.getByRole('heading', { name: 'deployment/00002-size.sql:7:23' }).waitFor();
    await failure.getByText('42703').waitFor();
    await failure.getByText('undefined_column').waitFor();
    await failure.getByText('2 files, which stay applied.').waitFor();
    await failure.getByText('2 files.', { exact: true }).waitFor();
    const caret = failure.locator('.caret > .at');
    expect(await caret.getAttribute('data-character')).toBe('n');
    const places = await page.evaluate(() => {
      const [marked, below] = [...document.querySelectorAll('.code > .line[data-marked="true"]')];
      const text = marked?.querySelector('.text')?.firstChild;
      if (!text || !below) throw new Error('There is no marked line.');
      const range = document.createRange();
      const start = (text.textContent ?? '').indexOf('nowhere');
      range.setStart(text, start);
      range.setEnd(text, start + 1);
      const [character, sign] = [range.getBoundingClientRect(), below.querySelector('.at')?.getBoundingClientRect()];
      return { character: character.left, caret: sign?.left, below: (sign?.top ?? 0) >= character.bottom - 4 };
    });
    expect(Math.abs((places.caret ?? 0) - places.character)).toBeLessThan(1);
    expect(places.below).toBe(true);
    await close();
  });

  test.each(['light', 'dark'] as const)('has names and contrasts, %s', async (colorScheme) => {
    const { page, close } = await browser.open(at(failedId), { key: stage.adminKey, colorScheme });
    await page.locator('.caret').waitFor();
    await step(page, '00002-size', 'failed').waitFor();
    await expectAccessible(page);
    await picture(page, `deployment-failed-${colorScheme}`);
    await page.getByRole('button', { name: 'Retry…' }).click();
    await expectAccessible(page);
    await close();
  });

  test('is made again by clicks, which say what will happen', async () => {
    const { page, close } = await browser.open(at(failedId), { key: stage.adminKey });
    await page.getByRole('button', { name: 'Retry…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Deploy to broken again?' });
    await dialog
      .getByText('2 files applied already are not run again. It carries on with deployment/00002-size.sql.')
      .waitFor();
    await dialog.getByRole('button', { name: 'Make it again' }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(failedId));
    await page.getByText('Retry of').waitFor();
    await title(page, 'failed').waitFor();
    await close();
  });

  test('is cancelled by clicks, and says what stays', async () => {
    await gate('cancelled');
    const id = await deploy('cancelled', await stage.bundle(GATED));
    const { page, close } = await browser.open(at(id), { key: stage.adminKey });
    await step(page, '00001-rooms', 'running').waitFor();
    await page.getByRole('button', { name: 'Cancel…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Cancel the deployment of cancelled?' });
    await dialog.getByText('its file is rolled back').waitFor();
    await dialog.getByText('1 file that it has applied stays applied.').waitFor();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Leave it' }).click();
    expect((await stage.call('GET', `/v1/deployments/${id}`)).body.status).toBe('running');
    await page.getByRole('button', { name: 'Cancel…' }).click();
    await dialog.getByRole('button', { name: 'Cancel the deployment' }).click();
    await title(page, 'cancelled').waitFor();
    await step(page, '00000-tables', 'applied').waitFor();
    await close();
  });

  test('that only a person can judge is settled by clicks', async () => {
    await stage.target('stuck');
    const id = await deploy('stuck', await stage.bundle(HALF_DONE));
    await statusOf(id, 'needs_attention');
    const { page, close } = await browser.open(at(id), { key: stage.adminKey });
    await page.getByText('within statement 1').waitFor();
    await picture(page, 'deployment-attention');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Settle it…' }).click();
    const dialog = page.getByRole('dialog', { name: `What is there of ${STUCK}?` });
    await dialog.getByText('is not run again').waitFor();
    await dialog.getByRole('button', { name: 'Choose what is there' }).click();
    expect(await dialog.isVisible()).toBe(true);
    await dialog.getByRole('radio', { name: /^Applied/ }).check();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Say applied and go on' }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(id));
    await title(page, 'succeeded').waitFor();
    await page.getByText('Settles').waitFor();
    await step(page, '00002-last', 'applied').waitFor();
    await close();
  });

  test('that waits for its target’s lock says who has it, and since when', async () => {
    const database = await stage.target('locked');
    const holder = await database.connect();
    await holder.query(`SET application_name = 'a night job'; SELECT pg_advisory_lock(${LOCK_KEY})`);
    const id = await deploy('locked', await stage.bundle(BROKEN));
    const { page, close } = await browser.open(at(id), { key: stage.adminKey });
    await page
      .getByText(/Has waited .* for the target’s lock, which is held by backend \d+: a night job, user/)
      .waitFor();
    const row = page.getByRole('listitem').filter({ hasText: /Lock: backend \d+: a night job/ });
    await row.waitFor();
    await expectAccessible(page);
    await holder.query('SELECT pg_advisory_unlock_all()');
    await title(page, 'failed').waitFor();
    // What it waited for stays told.
    await row.waitFor();
    await close();
  });

  test('that waits for the one before it leads there', async () => {
    const { open } = await gate('busy');
    const bundle = await stage.bundle(GATED);
    const first = await deploy('busy', bundle);
    await statusOf(first, 'running');
    const second = await deploy('busy', bundle);
    const { page, close } = await browser.open(at(second), { key: stage.adminKey });
    await page.getByText('on this target, which is running').waitFor();
    await page.getByRole('link', { name: 'the one before it' }).click();
    await page.waitForURL((url) => url.pathname.endsWith(first));
    await step(page, '00001-rooms', 'running').waitFor();
    await open('a');
    await open('b');
    await title(page, 'succeeded').waitFor();
    await close();
  });

  test('that waits for an approval shows what would be run, and is approved or rejected by clicks', async () => {
    await stage.target('protected');
    const protection = { target: 'protected', reason: 'Production: a second pair of eyes' };
    expect((await stage.call('POST', '/v1/protections', { body: protection })).status).toBe(201);
    const bundle = await stage.bundle({ 'deployment/00000-a.sql': 'CREATE TABLE a (id integer);\n' });
    const [approved, rejected] = [await deploy('protected', bundle), await deploy('protected', bundle)];

    const admin = await browser.open(at(approved), { key: stage.adminKey });
    await admin.page.getByText(/Waits for an approval, since .*: Production: a second pair of eyes/).waitFor();
    await admin.page.getByRole('region', { name: 'What would be run' }).waitFor();
    expect(await admin.page.getByRole('button', { name: /Approve|Reject/ }).count()).toBe(0);
    await admin.close();

    const { page, close } = await browser.open(at(approved), { key: await keyOf(stage, 'approver') });
    const plan = page.getByRole('region', { name: 'What would be run' });
    await plan.getByText('deployment/00000-a.sql').waitFor();
    expect(await page.getByRole('button', { name: /Cancel|Retry/ }).count()).toBe(0);
    await picture(page, 'deployment-approval');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Approve…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Asked for by bootstrap').waitFor();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Approve it' }).click();
    await title(page, 'succeeded').waitFor();

    await page.goto(at(rejected));
    await page.getByRole('button', { name: 'Reject…' }).click();
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('Not on a Friday.');
    await dialog.getByRole('button', { name: 'Reject it' }).click();
    await title(page, 'cancelled').waitFor();
    await page.getByText('Not on a Friday.').first().waitFor();
    await close();
  });

  test('offers a viewer nothing that a viewer may not do', async () => {
    const { page, close } = await browser.open(at(failedId), { key: await keyOf(stage, 'viewer') });
    await page.locator('.caret').waitFor();
    await page.getByText('viewer', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: /Retry|Cancel|Settle/ }).count()).toBe(0);
    await close();
  });

  test('that is not there is said to be so', async () => {
    const { page, close } = await browser.open(at('00000000-0000-0000-0000-000000000000'), { key: stage.adminKey });
    await page.getByRole('alert').getByText('deployment_unknown').waitFor();
    await close();
  });

  test('fits a phone', async () => {
    const { page, close } = await browser.open(at(failedId), { key: stage.adminKey, phone: true });
    await page.locator('.caret').waitFor();
    await step(page, '00002-size', 'failed').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await expectAccessible(page);
    await picture(page, 'deployment-phone');
    await page.getByRole('tab', { name: 'Log' }).tap();
    await page.getByText('Ended: failed').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await close();
  });

  test('of 10,000 steps scrolls without a stutter, and leads to where it stopped', async () => {
    await stage.call('PUT', '/v1/targets/long', { body: { dsnEnv: 'LONG' } });
    const bundle = await stage.bundle(BROKEN);
    const id = await enterLongDeployment(stage.control, { target: 'long', bundle, steps: 10_000 });
    const { page, close } = await browser.open(at(id), { key: stage.adminKey });
    await step(page, '00003-step', 'applied').waitFor();
    expect(await page.getByRole('listitem').count()).toBeLessThan(120);
    await page.getByRole('tab', { name: 'Log' }).click();
    await page.getByText('13,333 events').waitFor();
    await page.getByRole('log').hover();
    await expectNoLongTask(page, () => scroll(page));
    await page.getByRole('tab', { name: 'Timeline' }).click();
    await step(page, '00003-step', 'applied').waitFor();
    await expectNoLongTask(page, () => scroll(page));
    await page.getByRole('button', { name: 'Show where it stopped' }).click();
    await step(page, '06666-step', 'failed').waitFor();
    await close();
  });
});
