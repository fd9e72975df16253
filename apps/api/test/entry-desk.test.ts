import {
  type ControlDatabase,
  type Deployment,
  type NewDeployment,
  putTarget,
  storeBundle,
} from '@postgres-manager/control-plane';
import { bundleFromFiles } from '@postgres-manager/sql-deploy';
import type { QueryConfig, QueryResult } from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  createControlDatabase,
  plainDeployment,
  TESTER,
  type TestControlDatabase,
} from '../../../test-support/control-database.ts';
import { anyServer } from '../../../test-support/servers.ts';
import { EntryDesk } from '../src/deployments/entry-desk.ts';

describe('many deployments of one moment', () => {
  let db: TestControlDatabase;
  const bundle = bundleFromFiles([{ path: 'deployment/00000-a.sql', content: 'SELECT 1;' }]);

  beforeAll(async () => {
    db = await createControlDatabase(anyServer());
    await storeBundle(db.control, bundle, [], TESTER);
    for (const name of ['a', 'b', 'c']) {
      await putTarget(db.control, { name, labels: {}, dsn: { kind: 'environment', variable: 'DSN' } }, {}, TESTER);
    }
  });
  afterAll(() => db.drop());

  const wanted = (target: string, changes: Partial<NewDeployment> = {}): NewDeployment => ({
    ...plainDeployment(target, bundle.digest),
    ...changes,
  });

  test('share one statement', async () => {
    const desk = new EntryDesk(db.control);
    const query = vi.spyOn(db.control.pool, 'query');
    const made = await Promise.all(['a', 'b', 'c'].map((target) => desk.enter(wanted(target), TESTER)));
    expect(query).toHaveBeenCalledTimes(1);
    query.mockRestore();
    expect(made.map((one) => one?.target)).toEqual(['a', 'b', 'c']);
    const { rows } = await db.control.pool.query<{ events: number; audited: number }>(
      `SELECT (SELECT count(*)::int FROM control_plane.events WHERE deployment_id = ANY ($1)) AS events,
        (SELECT count(*)::int FROM control_plane.audit_log WHERE subject = ANY ($1::text[])) AS audited`,
      [made.map((one) => one?.id)],
    );
    expect(rows).toEqual([{ events: 3, audited: 3 }]);
  });

  test('stand in the line in the order they came, and each says who is before it', async () => {
    const desk = new EntryDesk(db.control);
    const made: (Deployment | null)[] = await Promise.all([1, 2, 3].map(() => desk.enter(wanted('b'), TESTER)));
    const [first, second, third] = made;
    expect([second, third].map((one) => one?.waitingFor)).toMatchObject([
      { kind: 'predecessor', deploymentId: first?.id },
      { kind: 'predecessor', deploymentId: second?.id },
    ]);
  });

  test('fail alone: what one of them asks for is no fault of the others', async () => {
    const desk = new EntryDesk(db.control);
    const made = await Promise.allSettled([
      desk.enter(wanted('a'), TESTER),
      desk.enter(wanted('nowhere'), TESTER),
      desk.enter(wanted('b', { bundleDigest: 'sha256:of-no-bundle' }), TESTER),
      desk.enter(wanted('c'), TESTER),
    ]);
    expect(made).toMatchObject([
      { status: 'fulfilled', value: { target: 'a', status: 'queued' } },
      { status: 'fulfilled', value: null },
      { status: 'rejected', reason: { code: '23503' } },
      { status: 'fulfilled', value: { target: 'c', status: 'queued' } },
    ]);
  });

  test('are held up by no round that hangs', async () => {
    let letGo = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let sent = 0;
    const query = async (statement: QueryConfig): Promise<QueryResult> => {
      if (sent++ === 0) await gate;
      return db.control.pool.query(statement);
    };
    const desk = new EntryDesk({ pool: { query } as unknown as ControlDatabase['pool'] });
    const held = desk.enter(wanted('a'), TESTER);
    await vi.waitUntil(() => sent === 1);
    expect(await desk.enter(wanted('c'), TESTER)).toMatchObject({ target: 'c' });
    letGo();
    expect(await held).toMatchObject({ target: 'a' });
  });
});
