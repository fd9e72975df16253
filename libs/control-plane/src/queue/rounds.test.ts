import { expect, test } from 'vitest';
import { Rounds, takeFirst } from './rounds.ts';

/** Rounds whose work ends when it is told to. */
function setUp(most: number, patienceMs?: number): { rounds: Rounds<number>; began: number[][]; end: (() => void)[] } {
  const began: number[][] = [];
  const end: (() => void)[] = [];
  const work = (items: number[]): Promise<void> => {
    began.push(items);
    return new Promise((resolve) => end.push(resolve));
  };
  const patience = patienceMs === undefined ? {} : { patienceMs };
  return { rounds: new Rounds({ work, take: takeFirst(most), ...patience }), began, end };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what comes in one moment shares a round, and what comes meanwhile shares the next', async () => {
  const { rounds, began, end } = setUp(10);
  rounds.add(1);
  rounds.add(2);
  await nextTurn();
  rounds.add(3);
  rounds.add(4);
  await nextTurn();
  expect(began).toEqual([[1, 2]]);
  end[0]?.();
  await nextTurn();
  expect(began).toEqual([
    [1, 2],
    [3, 4],
  ]);
  end[1]?.();
  await rounds.settled();
});

test('after a round that is followed by a rest, what comes meanwhile shares the next', async () => {
  const began: number[][] = [];
  const rounds = new Rounds<number>({
    work: (items) => {
      began.push(items);
      return Promise.resolve();
    },
    take: takeFirst(10),
    restMs: 20,
  });
  rounds.add(1);
  await nextTurn();
  rounds.add(2);
  await nextTurn();
  rounds.add(3);
  expect(began).toEqual([[1]]);
  await rounds.settled();
  expect(began).toEqual([[1], [2, 3]]);
});

test('a round takes no more than it may, and the rest comes in the next', async () => {
  const { rounds, began, end } = setUp(2);
  for (const item of [1, 2, 3]) rounds.add(item);
  await nextTurn();
  end[0]?.();
  await nextTurn();
  expect(began).toEqual([[1, 2], [3]]);
  end[1]?.();
  await rounds.settled();
});

test('what a round left over is not held up by one that hangs', async () => {
  const { rounds, began, end } = setUp(1, 1);
  for (const item of [1, 2, 3]) rounds.add(item);
  await expect.poll(() => began).toEqual([[1], [2]]);
  end[1]?.();
  await expect.poll(() => began).toEqual([[1], [2], [3]]);
  for (const ended of end) ended();
  await rounds.settled();
});

test('a round that hangs is overtaken when patience is over', async () => {
  const { rounds, began, end } = setUp(10, 1);
  rounds.add(1);
  await nextTurn();
  rounds.add(2);
  await expect.poll(() => began).toEqual([[1], [2]]);
  for (const ended of end) ended();
  await rounds.settled();
});
