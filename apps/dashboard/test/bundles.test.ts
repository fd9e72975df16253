import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
import { chooseFolder, dropFolder, writeFolder } from './support/folder.ts';
import { keyOf } from './support/key-of.ts';

const FILES = {
  'create/1-tables/tbl_room.sql': 'CREATE TABLE tbl_room (id integer PRIMARY KEY);\n',
  'create/2-functions/room_count.sql': `-- How many rooms a floor has; none for a floor that is not there.
CREATE FUNCTION room_count(wanted integer DEFAULT 0)
  RETURNS bigint
  LANGUAGE plpgsql STABLE
AS $body$
BEGIN
  /* The ground floor is 0. */
  IF wanted < -3 THEN
    RAISE EXCEPTION 'there is no floor %', wanted USING HINT = 'Below -3 is rock.';
  END IF;
  RETURN (SELECT count(*) FROM tbl_room WHERE floor = wanted);
END
$body$;
`,
  'deployment/00000-room-floor.sql':
    '-- Where a room is.\nALTER TABLE tbl_room\n  ADD COLUMN floor integer NOT NULL DEFAULT 0;\n',
  'deployment/00001-room-index.sql': 'CREATE INDEX CONCURRENTLY room_floor ON tbl_room (floor);\n',
} as const;
const OLDER = {
  ...FILES,
  'deployment/00000-room-floor.sql': '-- Where a room is.\nALTER TABLE tbl_room\n  ADD COLUMN floor smallint;\n',
  'manual-deployment/00003-mend.sql': 'UPDATE tbl_room SET floor = 1 WHERE id = 7;\n',
};

describe.skipIf(chromiumPath() === null)('bundles', () => {
  let stage: Stage;
  let browser: Browser;
  let older: string;
  let newer: string;
  let root: string;

  beforeAll(async () => {
    [stage, browser, root] = await Promise.all([
      openStage(anyServer()),
      startBrowser(),
      mkdtemp(join(tmpdir(), 'pm-folder-')),
    ]);
    older = await stage.bundle(OLDER);
    newer = await stage.bundle(FILES);
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
    await rm(root, { recursive: true, force: true });
  });

  test('are listed, and a file of one is shown with how it would be run', async () => {
    const { page, close } = await browser.open(`${stage.api.url}/bundles`, { key: stage.adminKey });
    await page.getByRole('row', { name: new RegExp(newer.slice(0, 12)) }).click();
    await page.getByText('1 statement, one by one, outside a transaction').waitFor();
    await page.getByRole('treeitem', { name: '00000-room-floor.sql' }).click();
    await page.getByText('1 statement in one transaction: all of it or nothing').waitFor();
    const text = page.getByRole('region', { name: 'Text of deployment/00000-room-floor.sql' });
    expect(await text.locator('[data-sql="comment"]').allTextContents()).toEqual(['-- Where a room is.']);
    expect(await text.locator('[data-sql="keyword"]').first().textContent()).toBe('ALTER');
    await page.getByRole('treeitem', { name: 'room_count.sql' }).click();
    await page.getByRole('region', { name: 'Text of create/2-functions/room_count.sql' }).waitFor();
    await picture(page, 'bundle');
    await close();
  });

  test('are moved in by the keyboard', async () => {
    const { page, close } = await browser.open(`${stage.api.url}/bundles/${newer}`, { key: stage.adminKey });
    await page.getByRole('treeitem', { name: '00001-room-index.sql' }).waitFor();
    await page.getByRole('tree').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => page.getByRole('treeitem', { name: 'tbl_room.sql' }).count()).toBe(0);
    await page.keyboard.press('ArrowRight');
    for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
    await page.getByRole('region', { name: 'Text of create/1-tables/tbl_room.sql' }).waitFor();
    expect(new URL(page.url()).searchParams.get('file')).toBe('create/1-tables/tbl_room.sql');
    await close();
  });

  test.each(['light', 'dark'] as const)('are told apart line by line, %s', async (colorScheme) => {
    const { page, close } = await browser.open(`${stage.api.url}/bundles/${newer}?tab=differences`, {
      key: stage.adminKey,
      colorScheme,
    });
    const changed = page.getByRole('region', { name: 'Changed lines of deployment/00000-room-floor.sql' });
    await changed.waitFor();
    expect(await changed.locator('[data-change="removed"] .text').allTextContents()).toEqual([
      '  ADD COLUMN floor smallint;',
    ]);
    expect(await changed.locator('[data-change="added"] .text').allTextContents()).toEqual([
      '  ADD COLUMN floor integer NOT NULL DEFAULT 0;',
    ]);
    expect(await page.getByLabel('What changed since').inputValue()).toBe(older);
    await page.getByRole('treeitem', { name: /00003-mend.sql.*removed/ }).waitFor();
    await expectAccessible(page);
    await picture(page, colorScheme === 'light' ? 'bundle-diff' : 'bundle-diff-dark');
    await close();
  });

  test('that come from a folder with problems show them at their places', async () => {
    const folder = await writeFolder(join(root, 'broken'), {
      ...FILES,
      'deployment/00002-typo.sql': 'ALTER TABLE tbl_room\n  ADD COLUM name text;\n',
      'README.md': 'no part of a bundle',
      '.git/config': 'neither',
    });
    const { page, close } = await browser.open(`${stage.api.url}/bundles`, { key: stage.adminKey });
    await page.getByRole('link', { name: 'Upload a folder…' }).click();
    await chooseFolder(page, folder);
    await page.getByRole('heading', { name: 'deployment/00002-typo.sql' }).waitFor();
    const text = page.getByRole('region', { name: 'Text of deployment/00002-typo.sql' });
    expect(await text.locator('.line[data-marked="true"] .number').first().textContent()).toBe('2');
    await text.getByRole('note').waitFor();
    expect(await page.getByRole('treeitem').count()).toBe(9);
    expect(await page.getByRole('link', { name: 'Deploy…' }).count()).toBe(0);
    await expectAccessible(page);
    await picture(page, 'bundle-problems');
    await close();
  });

  test('are not made of a folder that holds none of the three', async () => {
    const folder = await writeFolder(join(root, 'other'), { 'src/a.sql': 'SELECT 1;' });
    const { page, close } = await browser.open(`${stage.api.url}/bundles/new`, { key: stage.adminKey });
    await chooseFolder(page, folder);
    await page.getByText('There is no create/, deployment/ or manual-deployment/ in it with files.').waitFor();
    await close();
  });

  test('are made of a folder that is dropped, with all that is below it', async () => {
    const folder = await writeFolder(join(root, 'dropped'), FILES);
    const { page, close } = await browser.open(`${stage.api.url}/bundles/new`, { key: stage.adminKey });
    await dropFolder(page, page.getByText('Drop the folder that holds'), folder);
    // The same files give the same bundle, however they come.
    await page.waitForURL(`**/bundles/${newer}`);
    await page.getByText('the validator found no problem').waitFor();
    await close();
  });

  test('are not taken from a viewer, and fit a phone', async () => {
    const key = await keyOf(stage, 'viewer');
    const { page, close } = await browser.open(`${stage.api.url}/bundles/${newer}`, { key, phone: true });
    await page.getByRole('treeitem', { name: '00001-room-index.sql' }).waitFor();
    expect(await page.getByRole('link', { name: 'Deploy…' }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Upload a folder…' }).count()).toBe(0);
    await expectFitsPhone(page);
    await expectAccessible(page);
    await picture(page, 'bundle-phone');
    await page.goto(`${stage.api.url}/bundles/new`);
    await page.getByText('This key may not store bundles').waitFor();
    await close();
  });
});
