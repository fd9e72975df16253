import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyServer } from '../../../test-support/servers.ts';
import { openStage, type Stage } from './support/service-stage.ts';

const OLD = {
  'create/1-tables/tbl_a.sql': 'CREATE TABLE tbl_a (id integer);\n',
  'deployment/00000-a.sql': 'SELECT 1;\nSELECT 2;',
  'deployment/00001-b.sql': 'CREATE INDEX CONCURRENTLY i ON tbl_a (id);',
};
const NEW = {
  'create/1-tables/tbl_a.sql': 'CREATE TABLE tbl_a (id bigint);\n',
  'deployment/00000-a.sql': OLD['deployment/00000-a.sql'],
  'deployment/00001-c.sql': 'SELEC 1;',
};

let stage: Stage;
let older: string;
let newer: string;
beforeAll(async () => {
  stage = await openStage(anyServer());
  older = await stage.bundle(OLD);
  newer = await stage.bundle(NEW);
});
afterAll(() => stage.close());

const file = (digest: string, path: string) =>
  stage.call('GET', `/v1/bundles/${digest}/file?path=${encodeURIComponent(path)}`);

describe('bundles', () => {
  test('are listed newest first, page by page, with where they stand', async () => {
    const worker = await stage.worker();
    await stage.target('one', { env: 'live' });
    const body = { target: 'one', mode: 'create', bundle: older };
    const wait = { prefer: 'wait=30' };
    expect((await stage.call('POST', '/v1/deployments', { body, headers: wait })).body.status).toBe('succeeded');
    // A dry run changes nothing of where a target stands.
    const dry = { ...body, mode: 'deployment', dryRun: true };
    await stage.call('POST', '/v1/deployments', { body: dry, headers: wait });
    await worker.close({ graceMs: 1000 });

    const first = await stage.call('GET', '/v1/bundles?limit=1');
    expect(first.body.items).toMatchObject([
      { digest: newer, files: 3, problems: 1, targets: 0, createdBy: 'bootstrap' },
    ]);
    const second = await stage.call('GET', `/v1/bundles?limit=1&cursor=${first.body.nextCursor}`);
    expect(second.body).toMatchObject({ items: [{ digest: older, problems: 0, targets: 1 }], nextCursor: null });

    const limited = { name: 'l', role: 'viewer', labels: { env: 'other' } };
    const { key } = (await stage.call('POST', '/v1/keys', { body: limited })).body;
    expect((await stage.call('GET', '/v1/bundles', { key })).body.items).toEqual([]);
  });

  describe('for a key that is limited by labels', () => {
    const PATH = 'deployment/00000-a.sql';
    const keyOf = async (role: string): Promise<string> =>
      (await stage.call('POST', '/v1/keys', { body: { name: 'limited', role, labels: { team: 'a' } } })).body.key;
    const seenBy = async (key: string, digest: string): Promise<unknown> => {
      const replies = await Promise.all(
        ['', `/file?path=${PATH}`, `/diff?from=${digest}`].map((rest) =>
          stage.call('GET', `/v1/bundles/${digest}${rest}`, { key }),
        ),
      );
      const { items } = (await stage.call('GET', '/v1/bundles?limit=200', { key })).body as unknown as {
        items: readonly { digest: string }[];
      };
      const isListed = items.some((bundle) => bundle.digest === digest);
      const statuses = new Set(replies.map(({ status }) => status));
      expect(statuses.size).toBe(1);
      expect(replies.some(({ text }) => text.includes('secret_table'))).toBe(statuses.has(200));
      return [...statuses, isListed];
    };
    const bundleWith = (name: string): Record<string, string> => ({ [PATH]: `CREATE TABLE secret_table_${name} ();` });

    test('there are those alone that were asked for on its targets', async () => {
      await stage.target('of-a', { team: 'a' });
      await stage.target('of-b', { team: 'b' });
      const bundle = await stage.bundle(bundleWith('one'));
      const [viewer, deployer] = [await keyOf('viewer'), await keyOf('deployer')];
      await stage.call('POST', '/v1/deployments', { body: { target: 'of-b', mode: 'deployment', bundle } });
      expect(await seenBy(stage.adminKey, bundle)).toEqual([200, true]);
      for (const key of [viewer, deployer]) expect(await seenBy(key, bundle)).toEqual([404, false]);
      const unknown = await stage.call('GET', `/v1/bundles/${'0'.repeat(64)}`, { key: viewer });
      const hidden = await stage.call('GET', `/v1/bundles/${bundle}`, { key: viewer });
      expect({ ...hidden.body, requestId: 0 }).toEqual({ ...unknown.body, requestId: 0 });

      const body = { target: 'of-a', mode: 'deployment', bundle, dryRun: true };
      await stage.call('POST', '/v1/deployments', { body });
      for (const key of [viewer, deployer]) expect(await seenBy(key, bundle)).toEqual([200, true]);
    });

    test('there are those that it stored itself, new or not, and no other key’s', async () => {
      const files = Object.entries(bundleWith('two')).map(([path, content]) => ({ path, content }));
      const bundle = await stage.bundle(bundleWith('two'));
      const [mine, other] = [await keyOf('deployer'), await keyOf('deployer')];
      expect(await seenBy(mine, bundle)).toEqual([404, false]);
      for (let time = 0; time < 2; time++) {
        expect((await stage.call('POST', '/v1/bundles', { key: mine, body: { files } })).status).toBe(200);
      }
      expect(await seenBy(mine, bundle)).toEqual([200, true]);
      expect(await seenBy(other, bundle)).toEqual([404, false]);
    });

    test('there are those of a rollout over its targets, before anything has started', async () => {
      await stage.target('later', { team: 'a', of: 'rollout' });
      const bundle = await stage.bundle(bundleWith('three'));
      const viewer = await keyOf('viewer');
      expect(await seenBy(viewer, bundle)).toEqual([404, false]);
      const startsAt = new Date(Date.now() + 3_600_000).toISOString();
      const made = await stage.call('POST', '/v1/rollouts', {
        body: { mode: 'deployment', bundle, selector: { of: 'rollout' }, notBefore: startsAt },
      });
      expect(made.text).toContain(bundle);
      expect(await seenBy(viewer, bundle)).toEqual([200, true]);
    });
  });

  test('a file is shown with its text, its problems, and how it would be run', async () => {
    expect((await file(older, 'create/1-tables/tbl_a.sql')).body).toMatchObject({
      path: 'create/1-tables/tbl_a.sql',
      text: OLD['create/1-tables/tbl_a.sql'],
      truncated: false,
      problems: [],
      verdict: { transactional: true, statementCount: 1 },
    });
    expect((await file(older, 'deployment/00000-a.sql')).body).toMatchObject({ verdict: { statementCount: 2 } });
    expect((await file(older, 'deployment/00001-b.sql')).body).toMatchObject({ verdict: { transactional: false } });
    expect((await file(newer, 'deployment/00001-c.sql')).body).toMatchObject({
      text: 'SELEC 1;',
      problems: [{ rule: 'syntax', line: 1 }],
      verdict: null,
    });
  });

  test('of a large file the first part is shown', async () => {
    const content = `-- ${'x'.repeat(300 * 1024)}`;
    const digest = await stage.bundle({ 'deployment/00000-a.sql': content });
    const { body } = await file(digest, 'deployment/00000-a.sql');
    expect(body).toMatchObject({ truncated: true, sizeBytes: content.length, verdict: null });
    expect(body).toHaveProperty('text', content.slice(0, 256 * 1024));
  });

  test.each(['deployment/00001-c.sql', '../../etc/passwd', '/etc/passwd', 'create'])(
    'there is no file %s',
    async (path) => {
      expect(await file(older, path)).toMatchObject({ status: 404, body: { code: 'bundle_file_unknown' } });
    },
  );

  test('two are compared by path', async () => {
    const { body } = await stage.call('GET', `/v1/bundles/${newer}/diff?from=${older}`);
    expect(body).toMatchObject({
      from: older,
      to: newer,
      counts: { added: 1, removed: 1, changed: 1, same: 1 },
      files: [
        { path: 'create/1-tables/tbl_a.sql', change: 'changed' },
        { path: 'deployment/00001-b.sql', change: 'removed', to: null },
        { path: 'deployment/00001-c.sql', change: 'added', from: null },
      ],
    });
    const unknown = '0'.repeat(64);
    for (const path of [`${newer}/diff?from=${unknown}`, `${unknown}/diff?from=${newer}`, `${unknown}/file?path=x`]) {
      expect((await stage.call('GET', `/v1/bundles/${path}`)).body.code).toBe('bundle_unknown');
    }
  });
});
