import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** An event of Chromium's trace, as far as it is looked at: https://www.chromium.org/developers/how-tos/trace-event-profiling-tool/ */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** How long it took, and how long of that it had a processor: microseconds. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** A stutter of the page's own comes each time; one of a machine with other work to do does not. */
const TRIES = 3;

/** Expects no task of the page's main thread to work for `mostMs` while `act` goes on; what went wrong once is tried again. */
export async function expectNoLongTask(page: Page, act: () => Promise<void>, mostMs = 100): Promise<void> {
  expect(await leastOf(TRIES, mostMs, () => longestTask(page, act))).toBeLessThan(mostMs);
}

/** The least of at most so many measurements: of the first that is below `enough`, or of all. */
export async function leastOf(tries: number, enough: number, measure: () => Promise<number>): Promise<number> {
  const least = await measure();
  return least < enough || tries === 1 ? least : Math.min(least, await leastOf(tries - 1, enough, measure));
}

/**
 * The longest task of the page's main thread while `act` went on, in ms of processor time: scripts, styles, layout, paint,
 * collecting garbage. By the clock a task takes as much longer as other programs keep the processors from it: on a busy
 * machine of two cores tasks of 20 ms of work were seen to take 94. From 50 ms on a browser calls a task long.
 */
export async function longestTask(page: Page, act: () => Promise<void>): Promise<number> {
  // What went on before is not to be counted.
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve, { timeout: 1000 })));
  return Math.round(Math.max(...(await tasksDuring(page, act))));
}

/** All that the page's main thread did while `act` went on, in ms of processor time. */
export async function workOf(page: Page, act: () => Promise<void>): Promise<number> {
  return Math.round((await tasksDuring(page, act)).reduce((sum, ms) => sum + ms, 0));
}

async function tasksDuring(page: Page, act: () => Promise<void>): Promise<number[]> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'] },
  });
  await act();
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  const threadOf = ({ pid, tid }: TraceEvent): string => `${pid}/${tid}`;
  const mainThreads = new Set(
    events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(threadOf),
  );
  const tasks = events
    .filter(({ name, ph }) => ph === 'X' && name === 'RunTask')
    .filter((task) => mainThreads.has(threadOf(task)));
  if (tasks.length === 0) throw new Error('The trace has no task of the page: nothing was measured.');
  return tasks.map(({ tdur, dur = 0 }) => (tdur ?? dur) / 1000);
}
