import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rootWith, run } from '../server/command.ts';
import { openServiceStage, type ServiceStage } from './service-stage.ts';

const FILES = {
  'create/1-tables/a.sql': 'CREATE TABLE a (id int);',
  'deployment/00000-b.sql': 'CREATE TABLE b (id int);',
  'deployment/00001-c.sql': 'CREATE TABLE c (id int);',
};
const RESULT_KEYS = ['type', 'mode', 'status', 'applied', 'skipped', 'baselined', 'failed', 'problems', 'durationMs'];
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

/** A file that runs until there is a row in `gate`. */
const GATED = 'DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM gate) LOOP PERFORM pg_sleep(0.02); END LOOP; END $$;';

async function until(ask: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await ask())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('the command as a client of the service', () => {
  let stage: ServiceStage;

  beforeAll(async () => {
    stage = await openServiceStage(FILES);
    await stage.worker();
  });
  afterAll(() => stage.close());

  const idOf = (asked: { result: Record<string, unknown> }): string => String(asked.result['deployment']);

  test('creates and deploys, and ends each in the result line of a run on a DSN', async () => {
    const { name } = await stage.target();
    const root = await rootWith(FILES);
    const created = await stage.ask('deploy', '--target', name, '--mode', 'create', '--bundle', root, '--wait');
    expect(created).toMatchObject({ code: 0, stderr: '' });
    expect(Object.keys(created.result).slice(0, RESULT_KEYS.length)).toEqual(RESULT_KEYS);
    expect(created.result).toMatchObject({
      mode: 'create',
      status: 'succeeded',
      applied: ['create/1-tables/a.sql'],
      baselined: 2,
      failed: null,
      target: name,
      deploymentStatus: 'succeeded',
    });
    const types = created.stdout
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { type: string }).type]));
    expect(types).toEqual(expect.arrayContaining(['queued', 'connected', 'planned', 'step_finished', 'finished']));
    const again = await stage.ask('deploy', '--target', name, '--mode', 'deployment', '--bundle', root, '--wait');
    expect(again).toMatchObject({ code: 0, result: { status: 'nothing_to_do', skipped: 2 } });
  });

  test('takes the folders of the server without --bundle, and prints the id alone without --wait', async () => {
    const { name } = await stage.target();
    const ended = await run(['deploy', '--target', name, '--mode', 'deployment'], stage.env);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(/^[0-9a-f-]{36}\n$/);
    const followed = await stage.ask('logs', ended.stdout.trim(), '--follow');
    expect(followed).toMatchObject({
      code: 0,
      result: { mode: 'deployment', applied: ['deployment/00000-b.sql', 'deployment/00001-c.sql'] },
    });
  });

  test('a dry run shows the plan and changes nothing', async () => {
    const database = await stage.target();
    const args = ['deploy', '--target', database.name, '--mode', 'deployment', '--dry-run', '--wait'];
    const ended = await run(args, stage.env);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('dry run, nothing was changed: 2 files would be applied');
    expect(ended.stdout).toContain('  deployment/00001-c.sql');
    expect(await database.query(`SELECT FROM pg_tables WHERE schemaname = 'public'`)).toEqual([]);
  });

  test('a failing file is told as it is on a DSN: place, line, caret, what to do; exit code 1', async () => {
    const { name } = await stage.target();
    const root = await rootWith({
      'deployment/00000-a.sql': 'CREATE TABLE a (id int);',
      'deployment/00001-b.sql': 'CREATE TABLE b (id int);\nINSERT INTO nowhere VALUES (1);\n',
      'deployment/00002-c.sql': 'CREATE TABLE c (id int);',
    });
    const args = ['deploy', '--target', name, '--mode', 'deployment', '--bundle', root, '--wait'];
    const ended = await run(args, stage.env);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('deployment/00001-b.sql:2:13  sql_error 42P01  relation "nowhere" does not exist');
    expect(ended.stdout).toContain('    INSERT INTO nowhere VALUES (1);\n                ^\n');
    expect(ended.stdout).toMatch(/failed after .*: 1 applied, 1 file failed, 1 not started/);
    expect(ended.stdout).toMatch(/rolled back +deployment\/00001-b\.sql/);
    expect(ended.stdout).toMatch(/what to do now .*postgres-manager retry [0-9a-f-]{36}/);

    const listed = await stage.ask('deployments', '--target', name, '--status', 'failed', '--since', '1h');
    expect(listed).toMatchObject({ code: 0, result: { count: 1, more: false } });
    const [item] = listed.stdout.split('\n').map((line) => JSON.parse(line || 'null') as Record<string, unknown>);
    expect(item).toMatchObject({
      type: 'deployment',
      target: name,
      status: 'failed',
      failure: { line: 2, column: 13 },
    });
    const shown = await run(['deployments', String(item?.['id'])], stage.env);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain('    INSERT INTO nowhere VALUES (1);\n                ^\n');
    expect(shown.stdout).toMatch(/deployment\/00000-a\.sql +applied/);
    expect(shown.stdout).toMatch(/deployment\/00002-c\.sql +not started/);
  });

  test('problems of the files are shown, and are exit code 3', async () => {
    const { name } = await stage.target();
    const wrong = await rootWith({ 'deployment/00000-a.sql': 'create tabel a ();', 'deployment/2-b.sql': '' });
    const ended = await stage.ask('deploy', '--target', name, '--mode', 'deployment', '--bundle', wrong, '--wait');
    expect(ended).toMatchObject({ code: 3, result: { status: 'invalid', mode: 'deployment' } });
    const rules = (ended.result['problems'] as { rule: string }[]).map((problem) => problem.rule);
    expect(rules).toEqual(expect.arrayContaining(['file-name', 'syntax']));
    const unsent = await rootWith({ 'deployment/00000-a.sql/': '' });
    const refused = await stage.ask('deploy', '--target', name, '--mode', 'deployment', '--bundle', unsent);
    expect(refused).toMatchObject({ code: 3, result: { status: 'invalid', problems: [{ rule: 'file-access' }] } });
  });

  test('files reach the target byte for byte', async () => {
    const database = await stage.target();
    const text = `CREATE TABLE t AS SELECT 'zażółć\u{1f418}\r\n'::text AS v;`;
    const root = await rootWith({ 'deployment/00000-a.sql': text, 'deployment/00001-bom.sql': '\ufeffSELECT 1;' });
    const args = ['deploy', '--target', database.name, '--mode', 'deployment', '--bundle', root, '--wait'];
    expect(await stage.ask(...args)).toMatchObject({ code: 0, result: { status: 'succeeded' } });
    expect(await database.query('SELECT v FROM t')).toEqual([{ v: 'zażółć\u{1f418}\r\n' }]);
  });

  test('an unknown target, id or mode and a wrong key are exit code 2', async () => {
    const unknown = await stage.ask('deploy', '--target', 'nobody', '--mode', 'deployment');
    expect(unknown).toMatchObject({ code: 2, result: { status: 'refused', failed: { code: 'target_unknown' } } });
    expect(await stage.ask('logs', UNKNOWN_ID)).toMatchObject({
      code: 2,
      result: { failed: { code: 'deployment_unknown' } },
    });
    const env = { ...stage.env, POSTGRES_MANAGER_KEY: `pgm_${'x'.repeat(43)}` };
    const refused = await run(['targets'], env);
    expect(refused.code).toBe(2);
    expect(refused.stdout).not.toContain('xxxxx');
  });

  test('a key that may only look is refused what changes, and sees only its targets', async () => {
    const { name } = await stage.target();
    const made = await stage.ask('keys', 'create', '--name', 'looker', '--role', 'viewer', '--label', 'env=other');
    expect(made.code).toBe(0);
    const env = { ...stage.env, POSTGRES_MANAGER_KEY: String(made.result['key']) };
    const refused = await run(['deploy', '--target', name, '--mode', 'deployment'], env);
    expect(refused.code).toBe(2);
    expect((await run(['targets'], env)).stdout).toBe('no targets\n');
    const keys = await run(['keys'], stage.env);
    expect(keys.stdout).toMatch(/looker +viewer +valid/);
    const revoked = await stage.ask('keys', 'revoke', String(made.result['id']));
    expect(revoked).toMatchObject({ code: 0, result: { change: 'revoked', name: 'looker' } });
    expect((await run(['targets'], env)).code).toBe(2);
  });

  test('a target is shown, compared with a bundle, listed by label, and removed', async () => {
    const { name } = await stage.target();
    expect((await run(['targets', name], stage.env)).stdout).toContain('not seen yet');
    await stage.ask('deploy', '--target', name, '--mode', 'deployment', '--wait');
    const root = await rootWith({ ...FILES, 'deployment/00002-d.sql': 'CREATE TABLE d ();' });
    const shown = await run(['targets', name, '--bundle', root], stage.env);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/applied +2/);
    expect(shown.stdout).toMatch(/pending +\d+\n(.*\n)*? +deployment\/00002-d\.sql/);
    expect((await stage.ask('targets', name, '--bundle', root)).result['pending']).toContain('deployment/00002-d.sql');
    const listed = await run(['targets', '--label', 'env=test'], stage.env);
    expect(listed.stdout).toMatch(new RegExp(`${name} +succeeded`));
    expect((await run(['targets', '--label', 'env=none'], stage.env)).stdout).toBe('no targets\n');
    expect(await stage.ask('targets', 'remove', name)).toMatchObject({ code: 0, result: { change: 'removed' } });
    expect((await stage.ask('targets', name)).code).toBe(2);
    const audit = await run(['audit', '--limit', '5'], stage.env);
    expect(audit.stdout).toMatch(new RegExp(`target\\.remove +${name}`));
    const verified = await stage.ask('audit', 'verify');
    expect(verified).toMatchObject({ code: 0, result: { status: 'succeeded', intact: true } });
    const head = String(verified.result['head']);
    expect((await stage.ask('audit', 'verify', '--head', head)).code).toBe(0);
    const beyond = head.replace(/^\d+/, '999999');
    expect(await stage.ask('audit', 'verify', '--head', beyond)).toMatchObject({
      code: 5,
      result: { intact: false, failed: { code: 'audit_log_broken' }, firstFault: { kind: 'cut_off' } },
    });
    expect((await run(['audit', 'verify'], stage.env)).stdout).toContain('the audit log is intact');
    expect((await run(['workers'], stage.env)).stdout).toMatch(/alive +\d+ of 4/);
  });

  test('the DSN of a target shows nowhere', async () => {
    const secret = 'c4n4ry-S3cret';
    for (const dsn of [`postgres://u:${secret}@h/d`, `nonsense:${secret}`, `a\nb:${secret}`]) {
      const started = stage.start('targets', 'add', 'canary', '--dsn-stdin', '--json');
      started.type(dsn);
      const ended = await started.ended;
      expect(ended.stdout + ended.stderr).not.toContain(secret);
    }
    await stage.ask('targets', 'remove', 'canary');
  });

  describe('a deployment under way', () => {
    async function underWay() {
      const database = await stage.target();
      await database.query('CREATE TABLE gate ()');
      const root = await rootWith({ 'deployment/00000-a.sql': 'SELECT 1;', 'deployment/00001-b.sql': GATED });
      const args = ['deploy', '--target', database.name, '--mode', 'deployment', '--bundle', root];
      return { database, args, open: () => database.query('INSERT INTO gate DEFAULT VALUES') };
    }

    const running = (output: string): boolean => output.includes('"step_started"') && output.includes('00001-b.sql');

    test('goes on after Ctrl-C, which says so and how to cancel it', async () => {
      const { args, open } = await underWay();
      const started = stage.start(...args, '--wait', '--json');
      await until(() => running(started.output()));
      started.kill('SIGINT');
      const ended = await started.ended;
      expect(ended.code).toBe(130);
      const last = JSON.parse(ended.stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
      const id = String(last['deployment']);
      expect(last).toMatchObject({ status: 'accepted', failed: { code: 'interrupted' } });
      expect(JSON.stringify(last['failed'])).toContain(`postgres-manager cancel ${id}`);
      expect((await stage.ask('deployments', id)).result['deploymentStatus']).toBe('running');
      await open();
      expect(await stage.ask('logs', id, '--follow')).toMatchObject({ code: 0, result: { status: 'succeeded' } });
    });

    test('is cancelled, which whoever waits for it hears; exit code 1, and retry carries on', async () => {
      const { args, open } = await underWay();
      const waiting = stage.start(...args, '--wait', '--json');
      await until(() => running(waiting.output()));
      const id = String((JSON.parse(waiting.output().split('\n')[0] ?? '') as Record<string, unknown>)['deploymentId']);
      const cancelled = await stage.ask('cancel', id, '--wait');
      expect(cancelled).toMatchObject({
        code: 1,
        result: { status: 'failed', deploymentStatus: 'cancelled', failed: { code: 'cancelled' } },
      });
      expect((await waiting.ended).code).toBe(1);
      expect(await stage.ask('cancel', id)).toMatchObject({
        code: 4,
        result: { failed: { code: 'deployment_final' } },
      });
      await open();
      const retried = await stage.ask('retry', id, '--wait');
      expect(retried).toMatchObject({ code: 0, result: { status: 'succeeded', applied: ['deployment/00001-b.sql'] } });
      expect(idOf(retried)).not.toBe(id);
    });

    test('is followed through a restart of the service, each event once', async () => {
      const { args, open } = await underWay();
      const waiting = stage.start(...args, '--wait', '--json');
      await until(() => running(waiting.output()));
      await stage.stopApi();
      await until(() => waiting.output().includes('"service_away"'));
      await open();
      await stage.startApi();
      const ended = await waiting.ended;
      expect(ended.code).toBe(0);
      const numbers = ended.stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { number?: number }).number)
        .filter((number) => number !== undefined);
      expect(numbers).toEqual(numbers.map((_, i) => i + 1));
    });

    test('shows what happened so far to `logs` without --follow', async () => {
      const { args, open } = await underWay();
      const started = await run(args, stage.env);
      const id = started.stdout.trim();
      const isUnderWay = /connected to [^]*2 files to apply[^]*running {2}deployment\/00001-b\.sql\nnow: running\n$/;
      await until(async () => isUnderWay.test((await run(['logs', id], stage.env)).stdout));
      await open();
      expect((await stage.ask('logs', id, '--follow')).code).toBe(0);
    });
  });

  test('a file that only a person can judge is settled as its hint says, and the rest is run', async () => {
    const { name } = await stage.target();
    const stuck = 'deployment/00000-do.sql';
    const root = await rootWith({
      [stuck]: "-- transactional: false\nDO $$ BEGIN COMMIT; RAISE 'half done'; END $$;",
      'deployment/00001-rest.sql': 'SELECT 1;',
    });
    const ended = await run(
      ['deploy', '--target', name, '--mode', 'deployment', '--bundle', root, '--wait'],
      stage.env,
    );
    expect(ended.code).toBe(5);
    const told = ended.stdout + ended.stderr;
    const [, id = ''] = /postgres-manager resolve (\S+) deployment\/00000-do\.sql --applied/.exec(told) ?? [];
    expect(told).toContain(`what to do now`);
    expect(await stage.ask('resolve', id, 'deployment/00001-rest.sql', '--applied')).toMatchObject({
      code: 2,
      result: { failed: { code: 'resolution_file_wrong' } },
    });
    const settled = await stage.ask('resolve', id, `./${stuck}`, '--applied', '--wait');
    expect(settled).toMatchObject({ code: 0, result: { applied: ['deployment/00001-rest.sql'] } });
    expect(settled.stdout).toContain('"type":"resolved"');
    const shown = await run(['deployments', idOf(settled)], stage.env);
    expect(shown.stdout).toContain(`${stuck} applied`);
    expect((await stage.ask('resolve', id, stuck, '--not-applied', '--wait')).result).toMatchObject({
      failed: { code: 'resolution_stale' },
    });
  });

  test('the same Idempotency-Key makes one deployment, and another request under it is refused', async () => {
    const { name } = await stage.target();
    const args = ['deploy', '--target', name, '--mode', 'deployment', '--idempotency-key', `release-${name}`];
    const [first, second] = await Promise.all([stage.ask(...args), stage.ask(...args, '--wait')]);
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(idOf(first)).toBe(idOf(second));
    const other = await stage.ask(...args, '--dry-run');
    expect(other.result).toMatchObject({ failed: { code: 'idempotency_key_reused' } });
    expect(other.code).toBe(2);
  });
});
