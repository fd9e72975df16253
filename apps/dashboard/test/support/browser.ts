import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { findChromium } from '../../../../scripts/find-chromium.mjs';

/** Where `npm run screenshots` puts its pictures; plain tests take none. */
const PICTURES = fileURLToPath(new URL('../../../../docs/dashboard/', import.meta.url));
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const PHONE_PX = 390;

/** Chromium of this machine, one for a test file. */
export interface Browser {
  /** A page of its own, with empty storage, that fails the test at `close` for whatever it complained of. */
  open(url: string, options?: OpenOptions): Promise<OpenPage>;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Signed in with this key. */
  readonly key?: string;
  readonly colorScheme?: 'light' | 'dark';
  /** As wide as a phone, and touched. */
  readonly phone?: boolean;
}

export interface OpenPage {
  readonly page: Page;
  /** What it complained of so far: errors on the console, of scripts, of the policy, requests to elsewhere. */
  readonly complaints: string[];
  /** Closes it, and fails for complaints. */
  readonly close: () => Promise<void>;
}

/**
 * Where the browser is; null: there is none, and `describe.skipIf(chromiumPath() === null)` leaves its tests out.
 * The advice is printed by `npm test`, which installs it where it can.
 */
export function chromiumPath(): string | null {
  return findChromium();
}

/** Starts Chromium with nothing of its own going on. Whoever starts it closes it. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === null) throw new Error('There is no Chromium here.');
  const profile = await mkdtemp(join(tmpdir(), 'pm-chromium-'));
  const browser = await chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    env: { ...process.env, HOME: profile, XDG_CONFIG_HOME: profile, XDG_CACHE_HOME: profile },
  });
  return {
    open: async (url, options = {}) => {
      const context = await browser.newContext(contextOptions(options));
      const origin = new URL(url).origin;
      if (options.key !== undefined) await signInBefore(context, origin, options.key);
      const page = await context.newPage();
      const complaints = listenTo(page, origin);
      await page.goto(url);
      return {
        page,
        complaints,
        close: async () => {
          await context.close();
          expect(complaints).toEqual([]);
        },
      };
    },
    close: async () => {
      await browser.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function contextOptions({ colorScheme = 'light', phone = false }: OpenOptions): BrowserContextOptions {
  return {
    colorScheme,
    locale: 'en-GB',
    reducedMotion: 'reduce',
    serviceWorkers: 'block',
    ...(phone
      ? { viewport: { width: PHONE_PX, height: 780 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }
      : { viewport: { width: 1360, height: 850 } }),
  };
}

/** The key as the page itself keeps it. */
async function signInBefore(context: BrowserContext, origin: string, key: string): Promise<void> {
  await context.addInitScript(
    ([where, stored]) => {
      // Once: a test that signs out stays signed out when it loads the page again.
      if (location.origin !== where || sessionStorage.getItem('test-was-here') !== null) return;
      sessionStorage.setItem('test-was-here', '1');
      sessionStorage.setItem('postgres-manager-key', stored as string);
    },
    [origin, key],
  );
}

function listenTo(page: Page, origin: string): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    // The browser's own words for an answer that the page was prepared for.
    if (/^Failed to load resource: the server responded with a status of 4\d\d/.test(message.text())) return;
    complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !/^(?:data|blob|about):/.test(url)) complaints.push(`elsewhere: ${url}`);
  });
  return complaints;
}

/** Fails for what axe-core finds serious: names, roles, contrasts, keyboard. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(await readFile(AXE, 'utf8'));
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, help, nodes }) =>
          `${id}: ${help}: ${nodes
            .slice(0, 3)
            .map(({ html }) => html.slice(0, 200))
            .join(' | ')}`,
      );
  });
  expect(found).toEqual([]);
}

/** Fails for what is wider than the phone: its browser would show the whole page smaller, or scroll it sideways. */
export async function expectFitsPhone(page: Page): Promise<void> {
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(PHONE_PX);
}

/** Under `npm run screenshots` a picture for the documents; else nothing. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  const into = folder === '1' ? PICTURES : folder;
  if (!existsSync(into)) await mkdir(into, { recursive: true });
  await page.screenshot({ path: join(into, `${name}.png`) });
}
