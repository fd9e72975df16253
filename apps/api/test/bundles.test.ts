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
    expect((await stage.call('GET', '/v1/bundles', { key })).body.items).toMatchObject([
      { targets: 0 },
      { targets: 0 },
    ]);
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
