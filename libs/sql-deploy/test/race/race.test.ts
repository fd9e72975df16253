import { expect, type TestContext, test } from 'vitest';
import { describeEachServer, type TestServer } from '../../../../test-support/servers.ts';
import { temporaryRoot } from '../../../../test-support/temporary-root.ts';
import { createTestDatabase, type TestDatabase } from '../../../../test-support/test-database.ts';
import type { Mode } from '../../src/bundle/bundle.ts';
import { bundleFromFiles } from '../../src/bundle/bundle-from-files.ts';
import { deploy } from '../../src/execute/deploy.ts';
import { startCommand } from '../kill/command.ts';
import { modeArguments } from '../kill/marked-files.ts';
import { expectOneAtATime, racingFiles } from './racing-files.ts';

const RACERS = 8;
const MODES: readonly Mode[] = ['deployment', 'create', 'manual-deployment'];
/** On a loaded machine eight runs one after the other may take longer than the usual 30 s. */
const LOCK_WAIT_MS = 55_000;

async function freshDatabase(server: TestServer, context: TestContext): Promise<TestDatabase> {
  const database = await createTestDatabase(server);
  context.onTestFinished(() => database.drop());
  return database;
}

/** How the eight ended, in no order: one did the work, the others found nothing to do. */
function expectOneWinner(statuses: readonly (string | undefined)[]): void {
  const winners = statuses.filter((status) => status === 'succeeded');
  const others = statuses.filter((status) => status === 'nothing_to_do');
  expect([winners.length, others.length]).toEqual([1, RACERS - 1]);
}

describeEachServer('eight runs at once on a fresh database', (server) => {
  test.for(MODES)(
    'by the command, in mode %s: each file is applied once, by one run at a time',
    async (mode, context) => {
      const database = await freshDatabase(server, context);
      const root = await temporaryRoot(racingFiles(mode));
      context.onTestFinished(() => root.remove());
      const wait = String(LOCK_WAIT_MS / 1000);
      const args = ['--postgres-dsn', database.dsn, '--root', root.path, '--lock-wait', wait, ...modeArguments(mode)];
      const runs = await Promise.all(Array.from({ length: RACERS }, () => startCommand(...args).ended));
      expect(runs.filter((run) => run.code !== 0).map((run) => run.output)).toEqual([]);
      expectOneWinner(runs.map((run) => run.result?.status));
      await expectOneAtATime(database, mode);
    },
  );

  test.for(MODES)(
    'within one process, in mode %s: each file is applied once, by one run at a time',
    async (mode, context) => {
      const database = await freshDatabase(server, context);
      const files = racingFiles(mode);
      const bundle = bundleFromFiles(Object.entries(files).map(([path, content]) => ({ path, content })));
      const { connection } = database;
      const reports = await Promise.all(
        Array.from({ length: RACERS }, () => deploy({ connection, bundle, mode, lockWaitMs: LOCK_WAIT_MS })),
      );
      expect(reports.map((report) => report.failed)).toEqual(Array.from({ length: RACERS }, () => null));
      expectOneWinner(reports.map((report) => report.status));
      await expectOneAtATime(database, mode);
    },
  );

  test('that have different files to bring: nobody’s are lost or run twice', async (context) => {
    const database = await freshDatabase(server, context);
    const all = Object.entries(racingFiles('deployment'));
    // Each brings one file more than the one before; whoever comes late with fewer is refused, not obeyed.
    const reports = await Promise.all(
      Array.from({ length: RACERS }, async (_, i) => {
        const bundle = bundleFromFiles(all.slice(0, 6 + i).map(([path, content]) => ({ path, content })));
        return deploy({ connection: database.connection, bundle, mode: 'deployment', lockWaitMs: LOCK_WAIT_MS });
      }),
    );
    const codes = new Set(reports.filter((report) => report.failed !== null).map((report) => report.failed?.code));
    expect([...codes].filter((code) => code !== 'missing_file')).toEqual([]);
    expect(reports.at(-1)?.failed).toBeNull();
    const applied = reports.flatMap((report) => report.applied);
    expect([...applied].sort()).toEqual(all.slice(0, 13).map(([path]) => path));
    await expectOneAtATime(database, 'deployment');
  });
});
