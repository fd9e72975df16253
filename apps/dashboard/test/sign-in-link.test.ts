import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SignInCodes } from '@postgres-manager/api';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openStage, type Stage } from '../../api/test/support/service-stage.ts';
import { freePort } from '../../standalone/src/postgres/free-port.ts';
import { findRedis } from '../../../scripts/find-redis.mjs';
import { anyServer } from '../../../test-support/servers.ts';
import { temporaryRoot, type TemporaryRoot } from '../../../test-support/temporary-root.ts';
import { type Browser, chromiumPath, expectAccessible, startBrowser } from './support/browser.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const HAS_IPV6 = Object.values(networkInterfaces())
  .flat()
  .some((address) => address?.address === '::1');

let browser: Browser;
beforeAll(async () => {
  if (chromiumPath() !== null) browser = await startBrowser();
});
afterAll(() => browser?.close());

/** Every address that the tab can go back to, as the browser itself has them. */
async function addressesOf(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  const { entries } = await session.send('Page.getNavigationHistory');
  return entries.map(({ url }) => url).join('\n');
}

async function isIn(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Fleet' }).waitFor();
}

describe.skipIf(chromiumPath() === null)('the link of npm start', () => {
  let checkout: TemporaryRoot;
  let child: ChildProcess;
  let link = '';

  beforeAll(async () => {
    checkout = await temporaryRoot();
    for (const folder of ['create', 'deployment', 'manual-deployment']) {
      await cp(join(REPOSITORY, folder), join(checkout.path, folder), { recursive: true });
    }
    const { PATH = '', HOME = '' } = process.env;
    const program = join(REPOSITORY, 'apps/standalone/test/fixtures/npm-start.mjs');
    child = spawn(process.execPath, [program, checkout.path, findRedis() ?? ''], {
      cwd: checkout.path,
      env: { PATH, HOME, PORT: String(await freePort()) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout?.on('data', (text: Buffer) => (output += text.toString()));
    link = await vi.waitFor(
      () => {
        const [, shown] = /^ {2}Dashboard (\S+)$/m.exec(output) ?? [];
        if (shown === undefined) throw new Error(`It shows no link: ${output}`);
        return shown;
      },
      { timeout: 50_000, interval: 50 },
    );
  });
  afterAll(async () => {
    child.kill('SIGTERM');
    await once(child, 'exit');
    await checkout.remove();
  });

  test('signs in once, leaves no code behind, and lasts until one signs out', async () => {
    const [, code = ''] = /^http:\/\/localhost:\d+\/#sign-in=(\S+)$/.exec(link) ?? [];
    expect(code).toHaveLength(43);
    const { page, close } = await browser.open(link);
    await isIn(page);
    await page.getByRole('gridcell', { name: /^local current/ }).waitFor();
    await page.getByText('npm start (this machine)').waitFor();
    expect(new URL(page.url()).hash).toBe('');
    expect(await addressesOf(page)).not.toContain(code);
    const kept = await page.evaluate(() => [{ ...sessionStorage }, { ...localStorage }, document.cookie]);
    expect(kept).toEqual([{ 'postgres-manager-key': expect.stringMatching(/^pgm_/) as string }, {}, '']);
    await page.reload();
    await isIn(page);
    await page.getByRole('region', { name: 'What next' }).waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor();
    await page.reload();
    await page.getByLabel('API key').waitFor();
    expect(await page.evaluate(() => Object.keys(sessionStorage))).toEqual([]);
    await close();

    const again = await browser.open(link);
    await again.page.getByText('This sign-in link is not taken.').waitFor();
    await again.page.getByText('Sign in below with the key in .local/api-key.').waitFor();
    expect(await addressesOf(again.page)).not.toContain(code);
    await expectAccessible(again.page);
    await again.close();
  });
});

describe.skipIf(chromiumPath() === null)('a sign-in link', () => {
  const signInCodes = new SignInCodes();
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(anyServer(), { signInCodes });
  });
  afterAll(() => stage.close());

  test.each(['localhost', '127.0.0.1'])('works under %s', async (host) => {
    const url = `http://${host}:${stage.api.port}/?view=files#sign-in=${signInCodes.make()}`;
    const { page, close } = await browser.open(url);
    await isIn(page);
    expect(page.url()).toBe(`http://${host}:${stage.api.port}/?view=files`);
    await close();
  });

  test.skipIf(!HAS_IPV6)('works under an IPv6 address', async () => {
    const other = await openStage(anyServer(), { signInCodes, host: '::1' });
    try {
      expect(other.api.url).toContain('[::1]');
      for (const host of ['[::1]', 'localhost']) {
        const { page, close } = await browser.open(`http://${host}:${other.api.port}/#sign-in=${signInCodes.make()}`);
        await isIn(page);
        await close();
      }
    } finally {
      await other.close();
    }
  });

  test('is taken in a tab that has the page already: signed out, or in with another key', async () => {
    const url = `${stage.api.url}/`;
    const { page, close } = await browser.open(url);
    await page.getByLabel('API key').waitFor();
    await page.goto(`${url}#sign-in=${signInCodes.make()}`);
    await isIn(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').fill(stage.adminKey);
    await page.keyboard.press('Enter');
    await isIn(page);
    const code = signInCodes.make();
    await page.goto(`${url}#sign-in=${code}`);
    await page.getByText('npm start (this machine)').waitFor();
    expect(await addressesOf(page)).not.toContain(code);
    // One that is used up ends no session.
    await page.goto(`${url}#sign-in=${code}`);
    await isIn(page);
    expect(page.url()).toBe(url);
    await close();
  });
});
