import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    // Tests run from the sources, so that none of them sees a stale build.
    alias: {
      '@postgres-manager/sql-deploy': source('libs/sql-deploy/src/index.ts'),
      '@postgres-manager/control-plane': source('libs/control-plane/src/index.ts'),
      '@postgres-manager/api': source('apps/api/src/main.ts'),
      '@postgres-manager/worker': source('apps/worker/src/main.ts'),
      '@postgres-manager/cli': source('apps/cli/src/main.ts'),
      '@postgres-manager/standalone': source('apps/standalone/src/main.ts'),
    },
  },
  test: {
    include: ['{libs,apps}/*/{src,test}/**/*.test.{ts,tsx}', 'test-support/**/*.test.ts', 'scripts/**/*.test.mjs'],
    globalSetup: 'test-support/global-setup.ts',
    // Processes, not threads: tests send signals and change the working directory of nobody else.
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
