import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rootWith, run } from '../server/command.ts';
import { openServiceStage, type ServiceStage } from './service-stage.ts';

const A = { 'deployment/00000-a.sql': 'CREATE TABLE a (id int);' };

describe('the command for approvals', () => {
  let stage: ServiceStage;
  let approver: Record<string, string>;
  let name: string;
  let root: string;

  beforeAll(async () => {
    stage = await openServiceStage(A);
    await stage.worker();
  });
  afterAll(() => stage.close());

  const deploy = async (): Promise<string> =>
    (await run(['deploy', '--target', name, '--mode', 'deployment', '--bundle', root], stage.env)).stdout.trim();

  test('protects, shows what would be run, rejects, approves exactly that, and takes the protection away', async () => {
    ({ name } = await stage.target());
    const key = await run(['keys', 'create', '--name', 'second', '--role', 'approver'], stage.env);
    approver = { ...stage.env, POSTGRES_MANAGER_KEY: key.stdout.trim() };
    root = await rootWith(A);
    const made = await run(['protections', 'create', '--target', name, '--reason', 'the shop'], stage.env);
    expect(made.stdout).toMatch(/^[0-9a-f-]{36}\n$/);
    expect((await run(['protections'], stage.env)).stdout).toMatch(new RegExp(`${name} .*the shop`));
    expect((await run(['targets', name], stage.env)).stdout).toMatch(/protected +the shop \(bootstrap\)/);

    const rejected = await deploy();
    expect((await run(['deployments', rejected], stage.env)).stdout).toContain('for an approval: the shop');
    const waiting = run(['logs', rejected, '--follow'], stage.env);
    const no = await run(['reject', rejected, '--reason', 'not on a Friday'], approver);
    expect(no).toMatchObject({ code: 0, stderr: '' });
    const ended = await waiting;
    // Whoever waits for it hears what it waited for, what to type, and why it was not to be.
    expect(ended.code).toBe(1);
    expect(ended.stdout + ended.stderr).toContain('waits for an approval: the shop');
    expect(ended.stdout + ended.stderr).toContain(`postgres-manager approve ${rejected}`);
    expect(ended.stdout + ended.stderr).toContain('second rejected it: not on a Friday');

    const id = await deploy();
    const shown = await run(['approve', id], approver);
    expect(shown.stdout).toContain('deployment/00000-a.sql');
    const [, plan = ''] = /approve \S+ --plan ([0-9a-f]{64})/.exec(shown.stdout) ?? [];
    const own = await run(['approve', id, '--plan', plan], stage.env);
    expect({ code: own.code, said: own.stderr }).toMatchObject({ code: 2 });
    expect(own.stderr).toContain('the role approver');
    const stale = await run(['approve', id, '--plan', 'f'.repeat(64)], approver);
    expect(stale.code).toBe(4);
    expect(stale.stdout).toContain('is not what you were shown any more');
    const done = await run(['approve', id, '--plan', plan, '--wait'], approver);
    expect(done).toMatchObject({ code: 0 });
    expect(done.stdout).toContain('second approved 1 file');
    expect((await run(['deployments', id], stage.env)).stdout).toMatch(/approved +.* by second/);

    const rolled = await run(
      ['rollout', 'start', '--mode', 'deployment', '--bundle', root, '--targets', name],
      stage.env,
    );
    const rollout = rolled.stdout.trim();
    const wave = await run(['rollout', 'approve', rollout], approver);
    expect(wave.stdout).toContain('wave 1: deployment of 1 protected target\n');
    const [, wavePlan = ''] = /--plan ([0-9a-f]{64})/.exec(wave.stdout) ?? [];
    expect(await run(['rollout', 'approve', rollout, '--plan', wavePlan, '--wait'], approver)).toMatchObject({
      code: 0,
    });
    const second = await run(
      ['rollout', 'start', '--mode', 'deployment', '--bundle', root, '--targets', name],
      stage.env,
    );
    await run(['rollout', 'reject', second.stdout.trim(), '--reason', 'enough'], approver);
    const followed = await run(['rollout', 'follow', second.stdout.trim()], stage.env);
    expect(followed.code).toBe(1);
    expect(followed.stdout).toContain(`postgres-manager rollout approve ${second.stdout.trim()}`);
    expect(followed.stdout).toContain('second rejected wave 1: enough');

    expect(await run(['protections', 'remove', made.stdout.trim()], stage.env)).toMatchObject({ code: 0, stderr: '' });
    expect((await run(['protections'], stage.env)).stdout).toContain('no protections that stand');
  });

  test('tells all that is wrong with a command line at once', async () => {
    const made = await run(['protections', 'create', '--all', '--target', 'x'], stage.env);
    expect(made.code).toBe(2);
    for (const said of ['give one of --label', '--reason is missing']) expect(made.stderr).toContain(said);
    const approved = await run(['approve', 'x', '--plan', 'y'], stage.env);
    expect(approved.stderr).toContain('--plan must be the 64 hexadecimal digits');
    expect((await run(['reject'], stage.env)).stderr).toContain('--reason is missing');
    expect((await run(['approve', 'x', '--wait'], stage.env)).stderr).toContain('--wait goes with --plan');
  });
});
