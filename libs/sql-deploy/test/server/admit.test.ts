import { expect, test } from 'vitest';
import { describeEachServer } from '../../../../test-support/servers.ts';
import type { AdmittedPlan } from '../../src/index.ts';
import { deployments, makeTarget, path } from './target.ts';

const FILES = deployments('create table a ();', 'create table b ();');

describeEachServer('a plan that whoever runs it is asked about', (server) => {
  test('runs nothing when it is not admitted: no ledger is made, and no row of an older script adopted', async () => {
    const target = await makeTarget(server);
    await target.database.query(`create table tbl_deployments (file_name text primary key, manual_deployment boolean,
      date_applied timestamp); insert into tbl_deployments values ('${path(0).replace('deployment/', '')}', false, now())`);
    const asked: AdmittedPlan[] = [];
    const admit = (plan: AdmittedPlan): boolean => asked.push(plan) === 0;
    const report = await target.run('deployment', FILES, { admit });
    expect(report).toMatchObject({ status: 'refused', applied: [], failed: { code: 'plan_not_admitted' } });
    // What is adopted is not run: it is not asked about.
    expect(asked).toMatchObject([{ steps: [{ path: path(1) }], appliedEarlier: [] }]);
    expect(
      await target.database.query(`select to_regclass('b') as b, to_regnamespace('postgres_manager') as ledger`),
    ).toEqual([{ b: null, ledger: null }]);
  });

  test('is told what earlier runs of the same deployment applied, and not asked by a dry run', async () => {
    const target = await makeTarget(server);
    const broken = { ...FILES, [path(1)]: 'select broken;' };
    await target.run('deployment', broken, { deploymentId: 'd-1' });
    await target.run('deployment', FILES, { deploymentId: 'd-1', dryRun: true, admit: () => false });
    const asked: AdmittedPlan[] = [];
    const admit = (plan: AdmittedPlan): boolean => asked.push(plan) > 0;
    expect(await target.run('deployment', FILES, { deploymentId: 'd-1', admit })).toMatchObject({
      status: 'succeeded',
      applied: [path(1)],
    });
    expect(asked).toMatchObject([{ steps: [{ path: path(1) }], appliedEarlier: [{ path: path(0) }] }]);
  });
});
