import { expect, test } from 'vitest';
import { describeEachServer } from '../../../../test-support/servers.ts';
import type { Resolution, StepEvidence } from '../../src/index.ts';
import { type Contents, deployments, makeTarget, path, type Target } from './target.ts';

/** Notes each time it is called, for good, and fails for as long as the gate is shut. */
const WORK = `create table log (n serial); create table gate ();
create procedure work() language plpgsql as $$ begin
  insert into log default values; commit;
  if not exists (select from gate) then raise 'the gate is shut'; end if;
end $$;`;
const FILES = deployments(WORK, '-- transactional: false\nselect 1;\ncall work();\nselect 2;', 'create table late ();');

interface Stuck {
  readonly target: Target;
  readonly evidence: StepEvidence;
}

describeEachServer('a person’s answer about an interrupted file', (server) => {
  /** A target whose second file is half done: one of its statements, and part of the next. */
  async function stuck(): Promise<Stuck> {
    const target = await makeTarget(server);
    const first = await target.run('deployment', FILES, { deploymentId: 'first' });
    expect(first).toMatchObject({ status: 'needs_attention', applied: [path(0)], failed: { code: 'unfinished_step' } });
    return { target, evidence: evidenceIn(first) };
  }

  function evidenceIn({ whole }: Awaited<ReturnType<Target['run']>>): StepEvidence {
    if (whole.failed?.evidence === undefined) throw new Error(`There is no evidence: ${JSON.stringify(whole.failed)}`);
    return whole.failed.evidence;
  }

  const settle = (target: Target, resolution: Resolution, files: Contents = FILES, deploymentId = 'second') =>
    target.run('deployment', files, { resolution, deploymentId, appliedBy: 'anna' });
  const calls = async ({ database }: Target): Promise<number> =>
    (await database.query<{ n: number }>('select count(*)::int as n from log'))[0]?.n ?? 0;

  test('finds what is known and what isn’t in the failure, the same each time it is asked', async () => {
    const { target, evidence } = await stuck();
    expect(evidence).toMatchObject({ path: path(1), statementsDone: 1, statementCount: 3, statementRunning: 2 });
    expect(evidence.unknown).toContain('cannot be told');
    const again = evidenceIn(await target.run('deployment', FILES));
    expect({ ...again, unknown: evidence.unknown }).toEqual(evidence);
    expect(again.unknown).toContain('line 3');
  });

  test('applied: it is entered with who said so, and the rest is run', async () => {
    const { target, evidence } = await stuck();
    const resolution = { evidence, outcome: 'applied' } as const;
    expect(await settle(target, resolution)).toMatchObject({ status: 'succeeded', applied: [path(2)], skipped: 2 });
    expect(target.events).toContainEqual({ type: 'resolved', path: path(1), outcome: 'applied' });
    const [row] = await target.database.query(
      `select origin, deployment_id, applied_by, sha256 from postgres_manager.ledger where file_name like '00001%'`,
    );
    expect(row).toEqual({ origin: 'resolved', deployment_id: 'second', applied_by: 'anna', sha256: evidence.sha256 });
    expect(await calls(target)).toBe(1);
    // A second attempt finds it entered.
    expect(await settle(target, resolution)).toMatchObject({ status: 'nothing_to_do' });
    expect(target.events.filter(({ type }) => type === 'resolved')).toHaveLength(1);
  });

  test('not applied: it runs again from its start, once', async () => {
    const { target, evidence } = await stuck();
    await target.database.query('insert into gate default values');
    const resolution = { evidence, outcome: 'not_applied' } as const;
    expect(await settle(target, resolution)).toMatchObject({ status: 'succeeded', applied: [path(1), path(2)] });
    expect(await calls(target)).toBe(2);
    expect(await settle(target, resolution)).toMatchObject({ status: 'nothing_to_do' });
  });

  test('is never entered for a later interruption of the same file', async () => {
    const { target, evidence } = await stuck();
    const resolution = { evidence, outcome: 'not_applied' } as const;
    const later = evidenceIn(await settle(target, resolution));
    expect(later.startedAt).not.toBe(evidence.startedAt);
    expect(await calls(target)).toBe(2);
    // The same answer once more, by the same deployment and by another: the file is not begun a third time.
    for (const deploymentId of ['second', 'third']) {
      const again = evidenceIn(await settle(target, resolution, FILES, deploymentId));
      expect({ ...again, unknown: null }).toEqual({ ...later, unknown: null });
    }
    expect(await settle(target, { evidence, outcome: 'applied' })).toMatchObject({
      status: 'refused',
      failed: { code: 'resolution_stale', file: path(1) },
    });
    expect(await calls(target)).toBe(2);
  });

  test('is refused when another person has said the opposite since', async () => {
    const { target, evidence } = await stuck();
    await settle(target, { evidence, outcome: 'applied' });
    const before = await target.ledger();
    expect(await settle(target, { evidence, outcome: 'not_applied' })).toMatchObject({
      status: 'refused',
      failed: { code: 'resolution_stale' },
    });
    expect(await target.ledger()).toEqual(before);
  });

  test('is not entered for other bytes than were run, and a dry run enters nothing', async () => {
    const { target, evidence } = await stuck();
    const changed = { ...FILES, [path(1)]: '-- transactional: false\nselect 1;\ncall work();\nselect 3;' };
    const resolution = { evidence, outcome: 'applied' } as const;
    const refused = await settle(target, resolution, changed);
    expect(refused).toMatchObject({ status: 'refused', failed: { code: 'changed_file' } });
    expect(await target.run('deployment', FILES, { resolution, dryRun: true })).toMatchObject({ status: 'succeeded' });
    expect(evidenceIn(await target.run('deployment', FILES)).startedAt).toBe(evidence.startedAt);
    // What is undone by hand may run from its start as it is now.
    await target.database.query('insert into gate default values');
    expect(await settle(target, { evidence, outcome: 'not_applied' }, changed)).toMatchObject({ status: 'succeeded' });
  });
});
