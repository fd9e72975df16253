import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rootWith, run } from '../server/command.ts';
import { openServiceStage, type ServiceStage } from './service-stage.ts';

const A = { 'deployment/00000-a.sql': 'CREATE TABLE a (id int);' };

describe('the command for rollouts', () => {
  let stage: ServiceStage;

  beforeAll(async () => {
    stage = await openServiceStage(A);
    await stage.worker();
  });
  afterAll(() => stage.close());

  /** Names of so many targets of a test's own. */
  async function targets(count: number): Promise<string> {
    const made = await Promise.all(Array.from({ length: count }, () => stage.target()));
    return made.map(({ name }) => name).join(',');
  }

  test('rolls out, and ends in the result line of a deployment', async () => {
    const names = await targets(4);
    const root = await rootWith(A);
    const done = await stage.ask(
      'rollout',
      'start',
      '--mode',
      'deployment',
      '--bundle',
      root,
      '--targets',
      names,
      '--wait',
    );
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.result).toMatchObject({
      mode: 'deployment',
      status: 'succeeded',
      rolloutStatus: 'succeeded',
      targets: 4,
    });
    const types = done.stdout
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { type: string }).type]));
    expect(types).toEqual(
      expect.arrayContaining(['rollout', 'created', 'wave_started', 'target_finished', 'finished']),
    );
    const listed = await run(['rollout'], stage.env);
    expect(listed.stdout).toMatch(/succeeded +4 of 4/);
    const shown = await run(['fleet', '--bundle', root], stage.env);
    expect(shown.stdout).toMatch(/targets: .*4 current/);
  });

  test('whose canary fails says why and what to do, and that, done as it is told, leads to the end', async () => {
    const names = await targets(3);
    const bad = await rootWith({
      ...A,
      'deployment/00001-b.sql': 'CREATE TABLE b (id int);\nINSERT INTO nowhere VALUES (1);',
    });
    const args = ['rollout', 'start', '--mode', 'deployment', '--bundle', bad, '--targets', names, '--wait'];
    const stopped = await run(args, stage.env);
    expect(stopped.code).toBe(1);
    expect(stopped.stdout).toContain('wave 1: 1 target\n');
    expect(stopped.stdout).toContain('stopped: 0 of 3 targets succeeded, 1 failed, 2 not started');
    expect(stopped.stdout).toContain('deployment/00001-b.sql:2  sql_error 42P01  relation "nowhere" does not exist');
    const [, id] = /rollout resume ([0-9a-f-]{36}) --bundle DIR --wait/.exec(stopped.stdout) ?? [];
    const shown = await run(['rollout', 'show', id ?? ''], stage.env);
    expect(shown.stdout).toContain('2 targets wait: for a resume: A target has failed, and the budget is 0.');
    const good = await rootWith({ ...A, 'deployment/00001-b.sql': 'CREATE TABLE b (id int);' });
    const resumed = await run(['rollout', 'resume', id ?? '', '--bundle', good, '--wait'], stage.env);
    expect(resumed.stdout).toContain('succeeded: 3 of 3 targets succeeded');
    expect(resumed).toMatchObject({ code: 0, stderr: '' });
    // What was before the resume is known.
    expect(resumed.stdout).not.toContain('stopped:');
    const followed = await run(['rollout', 'follow', id ?? ''], stage.env);
    expect(followed.code).toBe(0);
    expect(followed.stdout).toContain('stopped: A target has failed');
    expect(followed.stdout).toContain('succeeded: 3 of 3 targets succeeded');
  });

  test('is promoted, paused, and leaves a target out', async () => {
    const names = await targets(3);
    const args = [
      'rollout',
      'start',
      '--mode',
      'deployment',
      '--targets',
      names,
      '--waves',
      '1,rest',
      '--between',
      'manual',
    ];
    const started = await run(args, stage.env);
    expect(started.stdout).toMatch(/^[0-9a-f-]{36}\n$/);
    const id = started.stdout.trim();
    const show = async (): Promise<string> => (await run(['rollout', 'show', id], stage.env)).stdout;
    while (!(await show()).includes('wave 2 waits for somebody to promote it'));
    const skipped = await stage.ask(
      'rollout',
      'skip',
      id,
      '--targets',
      names.split(',')[2] ?? '',
      '--reason',
      'being moved',
    );
    expect(skipped).toMatchObject({ code: 0 });
    expect((await stage.ask('rollout', 'pause', id)).result).toMatchObject({ rolloutStatus: 'paused' });
    expect(await stage.ask('rollout', 'promote', id)).toMatchObject({
      code: 4,
      result: { failed: { code: 'rollout_not_steerable' } },
    });
    await stage.ask('rollout', 'resume', id);
    const promoted = await run(['rollout', 'promote', id, '--wait'], stage.env);
    expect(promoted.code).toBe(0);
    expect(promoted.stdout).toContain('succeeded: 2 of 3 targets succeeded, 1 skipped');
    const listed = await run(['rollout', 'targets', id, '--state', 'skipped'], stage.env);
    expect(listed.stdout).toContain('being moved (bootstrap)');
  });

  test('with --dry-run shows what each target needs, the same together', async () => {
    const names = await targets(2);
    const dry = await run(
      ['rollout', 'start', '--mode', 'deployment', '--targets', names, '--dry-run', '--wait'],
      stage.env,
    );
    expect(dry.code).toBe(0);
    expect(dry.stdout).toContain('2 targets need the same 1 file.');
    expect(dry.stdout).toContain('    deployment/00000-a.sql\n');
  });

  test('freezes targets, says so wherever something waits, and lets them go', async () => {
    const names = await targets(1);
    const made = await run(['freezes', 'create', '--all', '--reason', 'the holidays'], stage.env);
    expect(made.stdout).toMatch(/^[0-9a-f-]{36}\n$/);
    expect((await run(['freezes'], stage.env)).stdout).toMatch(/all .*the holidays/);
    const started = await run(['rollout', 'start', '--mode', 'deployment', '--targets', names], stage.env);
    const shown = await run(['rollout', 'show', started.stdout.trim()], stage.env);
    expect(shown.stdout).toContain('frozen by bootstrap: the holidays');
    expect(await run(['freezes', 'lift', made.stdout.trim()], stage.env)).toMatchObject({ code: 0, stderr: '' });
    expect((await run(['rollout', 'follow', started.stdout.trim()], stage.env)).code).toBe(0);
  });

  test('tells all that is wrong with a command line at once', async () => {
    const ended = await run(['rollout', 'start', '--waves', '1,,x', '--between', 'never', '--reason', 'x'], stage.env);
    expect(ended.code).toBe(2);
    for (const said of [
      '--mode is missing',
      'say which targets',
      '--waves must be',
      '--between must be',
      '--reason goes with rollout pause',
    ]) {
      expect(ended.stderr).toContain(said);
    }
    expect((await run(['rollout', 'resum', 'x'], stage.env)).stderr).toContain('did you mean rollout resume?');
  });
});
