import { expect, test } from 'vitest';
import { describeEachServer } from '../../../../test-support/servers.ts';
import { deployments, expected, makeTarget, path, type Target } from './target.ts';

const KNOWN = { hasLedger: true } as const;
const TWO = deployments('create table a ();', 'create table b ();');

async function withOneApplied(target: Target): Promise<void> {
  await target.run('deployment', deployments('create table a ();'));
}

/** What is pinned, as a file sees it. */
const SETTINGS = `create table seen as select name, current_setting(name, true) as setting from unnest(array[
  'search_path', 'lock_timeout', 'idle_in_transaction_session_timeout', 'TimeZone', 'DateStyle', 'synchronous_commit',
  'client_connection_check_interval', 'idle_session_timeout']) as name;`;

describeEachServer('a target whose ledger is known', (server) => {
  test('is asked everything in one text, and pinned the same', async () => {
    const target = await makeTarget(server);
    await withOneApplied(target);
    await target.database.query(`alter database ${target.database.name} set idle_in_transaction_session_timeout = 7`);
    const files = { ...TWO, [path(1)]: SETTINGS };
    const settings = async (): Promise<unknown> => await target.database.query('select * from seen order by name');
    await target.run('deployment', files);
    const plain = await settings();
    await target.database.query(`drop table seen; delete from postgres_manager.ledger where file_name ~ '^00001'`);
    expect(await target.run('deployment', files, KNOWN)).toEqual(
      expected({ status: 'succeeded', applied: [path(1)], skipped: 1 }),
    );
    expect(await settings()).toEqual(plain);
    expect(plain).toContainEqual({ name: 'idle_in_transaction_session_timeout', setting: '1min' });
    expect(await target.run('deployment', files, KNOWN)).toMatchObject({ status: 'nothing_to_do' });
  });

  test('has it no longer: it is made again, under the lock', async () => {
    const target = await makeTarget(server);
    expect(await target.run('deployment', deployments('create table a ();'), KNOWN)).toEqual(
      expected({ status: 'succeeded', applied: [path(0)] }),
    );
    await target.database.query('drop schema postgres_manager cascade; create schema postgres_manager');
    expect(await target.status(TWO, KNOWN)).toMatchObject({ failed: null, hasLedger: false });
    expect(await target.run('deployment', { ...TWO, [path(0)]: 'create table c ();' }, KNOWN)).toEqual(
      expected({ status: 'succeeded', applied: [path(0), path(1)] }),
    );
    expect(await target.tables()).toEqual(['a', 'b', 'c']);
  });

  test('has lost the table of files alone: what the target is stands in it once, as before', async () => {
    const target = await makeTarget(server);
    await withOneApplied(target);
    await target.database.query('drop table postgres_manager.ledger');
    expect(await target.run('deployment', deployments('create table b ();'), KNOWN)).toMatchObject({
      status: 'succeeded',
    });
    expect(await target.database.query('select database_name from postgres_manager.instance')).toEqual([
      { database_name: target.database.name },
    ]);
  });

  test('has rows of the older script beside it: they are adopted all the same', async () => {
    const target = await makeTarget(server);
    await withOneApplied(target);
    await target.database.query(`create table tbl_deployments (file_name text, manual_deployment boolean, date_applied timestamp);
      insert into tbl_deployments values ('00001-file.sql', false, now())`);
    expect(await target.run('deployment', TWO, KNOWN)).toEqual(
      expected({ status: 'succeeded', skipped: 2, adopted: 1 }),
    );
  });

  test('is busy: what the holder did meanwhile is read after the wait', async () => {
    const target = await makeTarget(server);
    await withOneApplied(target);
    const runs = await Promise.all(
      Array.from({ length: 4 }, () =>
        target.run('deployment', deployments('create table a ();', 'select pg_sleep(0.2); create table b ();'), KNOWN),
      ),
    );
    expect(runs.map(({ status }) => status).sort()).toEqual([
      'nothing_to_do',
      'nothing_to_do',
      'nothing_to_do',
      'succeeded',
    ]);
  });
});
