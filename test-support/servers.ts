import { describe, inject } from 'vitest';
import type { TestServer } from './postgres-cluster.ts';

export type { TestServer } from './postgres-cluster.ts';

/** Every Postgres server of this test run, the embedded one first. */
export function testServers(): readonly TestServer[] {
  return inject('servers');
}

/** The server for tests that one server is enough for: the embedded one, the newest. */
export function anyServer(): TestServer {
  const [first] = testServers();
  if (first === undefined) throw new Error('This test run has no Postgres server: see test-support/global-setup.ts.');
  return first;
}

/**
 * Describes the same tests for each server.
 * @param name what is described; the server's label is added to it
 */
export function describeEachServer(name: string, tests: (server: TestServer) => void): void {
  for (const server of testServers()) {
    describe(`${name} (${server.label})`, () => {
      tests(server);
    });
  }
}
