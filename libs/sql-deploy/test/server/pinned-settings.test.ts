import { expect, test } from 'vitest';
import { describeEachServer } from '../../../../test-support/servers.ts';
import { shownMs } from '../../src/target/pinned-settings.ts';
import { deployments, makeTarget } from './target.ts';

const TIMES = [0, 1, 999, 1000, 1500, 60_000, 90_000, 3_600_000, 5_400_000, 86_400_000, 2_147_483_647];

describeEachServer('a time that is pinned', (server) => {
  test('is shown as the server shows it', async () => {
    const { database } = await makeTarget(server);
    for (const ms of TIMES) {
      const rows = await database.query(`select set_config('lock_timeout', '${ms}', false) as shown`);
      expect([ms, rows]).toEqual([ms, [{ shown: shownMs(ms) }]]);
    }
  });

  // A number that was drawn in a transaction that is rolled back is not drawn again.
  test('is found as it was after a plain file, which therefore runs once', async () => {
    const target = await makeTarget(server);
    const texts = ['create table room (id integer generated always as identity, ms text);'];
    await target.run('deployment', deployments(...texts));
    for (const ms of TIMES) {
      texts.push(`insert into room (ms) values ('${ms}');`);
      const report = await target.run('deployment', deployments(...texts), { lockTimeoutMs: ms });
      expect([ms, report.status]).toEqual([ms, 'succeeded']);
    }
    expect(await target.database.query('select id, ms from room order by id')).toEqual(
      TIMES.map((ms, i) => ({ id: i + 1, ms: String(ms) })),
    );
  });
});
