import { randomBytes } from 'node:crypto';
import {
  type Actor,
  type ControlDatabase,
  migrateControlDatabase,
  type NewDeployment,
  openControlDatabase,
} from '../libs/control-plane/src/index.ts';
import type { TestServer } from './postgres-cluster.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

/** A control database of one test's own, its schema in place. */
export interface TestControlDatabase {
  readonly database: TestDatabase;
  readonly control: ControlDatabase;
  /** Closes the pool and drops the database. */
  drop(): Promise<void>;
}

/** Who tests say they are. */
export const TESTER: Actor = { name: 'tester', keyId: null, requestId: null };

/** A deployment as a request for one would be understood that says nothing but target and bundle. */
export function plainDeployment(target: string, bundleDigest: string): NewDeployment {
  return {
    target,
    allowedLabels: {},
    mode: 'deployment',
    bundleDigest,
    dryRun: false,
    onError: 'stop',
    priority: 0,
    notBefore: null,
    retryOf: null,
    traceParent: null,
  };
}

/** Makes a control database. Whoever makes it drops it. */
export async function createControlDatabase(server: TestServer): Promise<TestControlDatabase> {
  const database = await createTestDatabase(server);
  await migrateControlDatabase(database.dsn, 5000);
  const control = openControlDatabase({
    dsn: database.dsn,
    maxConnections: 10,
    connectTimeoutMs: 5000,
    queryTimeoutMs: 10_000,
    applicationName: 'postgres-manager-test',
    // As a worker does: what reads too much by such a plan shows in the tests that count.
    plansOnce: true,
    onError: () => undefined,
  });
  return {
    database,
    control,
    drop: async () => {
      await control.pool.end();
      await database.drop();
    },
  };
}

/** A key for `readKeyring`. */
export function randomEncryptionKey(): string {
  return randomBytes(32).toString('base64');
}
