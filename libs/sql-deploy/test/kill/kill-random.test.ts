import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { longRun } from '../../../../test-support/long-run.ts';
import { testServers } from '../../../../test-support/servers.ts';
import { temporaryRoot } from '../../../../test-support/temporary-root.ts';
import { createTestDatabase, dsnOf } from '../../../../test-support/test-database.ts';
import type { Mode } from '../../src/bundle/bundle.ts';
import { expectExit, type RunningCommand, startCommand } from './command.ts';
import { finishAndCheck, markedFiles, modeArguments, untilBackendsAreGone } from './marked-files.ts';
import { type Proxy, startProxy } from './protocol-proxy.ts';

/**
 * The command is killed at random moments, several times on the same database, until it is left to finish. A moment is
 * a number of messages passed, since the time a run takes differs by machine, and a wait on top of that.
 */

const MOMENTS = longRun ? 100 : 30;
const KILLS_IN_A_ROW = 3;
/** A run that starts from nothing exchanges about 530 messages; one that has little left to do, about 80. */
const MESSAGES_OF_A_RUN = [540, 540, 80];
const LONGEST_WAIT_MS = 30;

const seed = Number(process.env.KILL_SEED ?? randomInt(1, 2 ** 31));

/** The generator mulberry32: the same seed, the same moments. */
function randomNumbers(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

interface Moment {
  readonly messages: number;
  readonly waitMs: number;
  readonly passes: 'pass' | 'half' | 'none';
  /** Whether the next run comes only when the server has noticed; else it finds the lock taken. */
  readonly patient: boolean;
}

const random = randomNumbers(seed);
const rounds = Array.from({ length: Math.ceil(MOMENTS / KILLS_IN_A_ROW) }, (_, round) => ({
  round,
  mode: (round % 3 === 2 ? 'create' : 'deployment') as Mode,
  moments: Array.from(
    { length: KILLS_IN_A_ROW },
    (): Moment => ({
      messages: random(MESSAGES_OF_A_RUN[random(3)] ?? 540),
      waitMs: random(2) === 0 ? 0 : random(LONGEST_WAIT_MS),
      passes: (['pass', 'half', 'none'] as const)[random(3)] ?? 'pass',
      patient: random(2) === 0,
    }),
  ),
}));

test.concurrent.for(rounds)('round $round of kills at random', async ({ round, mode, moments }, context) => {
  const servers = testServers();
  const server = servers[round % servers.length];
  if (server === undefined) throw new Error('no server');
  const database = await createTestDatabase(server);
  context.onTestFinished(() => database.drop());
  const root = await temporaryRoot(markedFiles(mode));
  context.onTestFinished(() => root.remove());
  const proxies: Proxy[] = [];
  context.onTestFinished(async () => {
    await Promise.all(proxies.map((proxy) => proxy.close()));
  });
  context.onTestFailed(() => console.error(`To repeat: KILL_SEED=${seed}; ${mode}, ${JSON.stringify(moments)}`));

  for (const { messages, waitMs, passes, patient } of moments) {
    let seen = 0;
    let run: RunningCommand | null = null;
    const proxy = await startProxy(server, () => {
      if (seen++ !== messages) return 'pass';
      if (waitMs > 0) setTimeout(() => run?.child.kill('SIGKILL'), waitMs);
      else run?.child.kill('SIGKILL');
      return waitMs > 0 ? 'pass' : passes;
    });
    proxies.push(proxy);
    const dsn = dsnOf({ ...server, host: '127.0.0.1', port: proxy.port }, database.name);
    run = startCommand('--postgres-dsn', dsn, '--root', root.path, ...modeArguments(mode));
    const ended = await run.ended;
    // A run may well end before its moment comes, or stop at the CALL that an earlier kill left to a person.
    expectExit(ended, null, 0, 5);
    if (patient) await untilBackendsAreGone(database);
  }
  const last = await finishAndCheck(database, root.path, mode);
  expect([0, 5]).toContain(last.code);
});

test('the seed of these moments is told', () => {
  console.info(`kill-random: ${rounds.length * KILLS_IN_A_ROW} moments, KILL_SEED=${seed}`);
  expect(seed).toBeGreaterThan(0);
});
