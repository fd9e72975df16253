import { defineConfig } from 'vite';

/** Where `npm start` has its API; for `npx vite apps/dashboard`, which shows each change at once. */
const API = 'http://localhost:3000';

export default defineConfig({
  build: {
    outDir: 'dist/page',
    emptyOutDir: true,
    // The Content-Security-Policy lets through files, and nothing that is written into them.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    // With light-dark() as it is written.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    reportCompressedSize: false,
    // `use client` is for frameworks that render on a server; there is none here.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
  server: { proxy: { '/v1': API, '/docs': API, '/openapi.json': API } },
});
