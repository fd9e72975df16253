import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** A page of rows, and how the next one is had; null: there is none. */
export interface Page<T> {
  readonly rows: readonly T[];
  readonly next: (() => Promise<Page<T>>) | null;
}

/** How rows become text. */
export interface Rendering<T> {
  readonly head: string;
  readonly row: (row: T, index: number) => string;
  readonly tail: string;
}

/**
 * Writes pages to a stream, each asked for only when the reader has taken what came before: no more than a few are in
 * memory, however many there are. A reader that leaves ends it, and so does a fault: the stream is then destroyed, so that
 * nobody takes a part for the whole.
 * @param first read already, so that what is wrong with the request is told before the answer begins
 * @param most rows
 */
export async function streamPages<T>(
  first: Page<T>,
  { head, row, tail }: Rendering<T>,
  most: number,
  to: Writable,
): Promise<void> {
  async function* texts(): AsyncGenerator<string> {
    yield head;
    let written = 0;
    for (let page: Page<T> | null = first; page !== null; ) {
      const rows = page.rows.slice(0, most - written);
      const begin = written;
      yield rows.map((each, index) => row(each, begin + index)).join('');
      written += rows.length;
      page = page.next === null || written >= most ? null : await page.next();
    }
    yield tail;
  }
  await pipeline(Readable.from(texts(), { highWaterMark: 1 }), to);
}
