import type { Page } from 'playwright-core';

/** Down and up again, as a wheel does. */
export async function scroll(page: Page): Promise<void> {
  for (const by of [240, 240, 240, 240, 240, 240, -400, -400, -400]) {
    await page.mouse.wheel(0, by);
    await page.waitForTimeout(30);
  }
}
