// Puts the command's modules into a few files. Most of what a run with nothing to do costs is loading:
// a hundred small modules take longer to find than to execute. `tsc` has checked and compiled before.
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const app = fileURLToPath(new URL('../apps/cli/', import.meta.url));
const bundle = await rolldown({
  input: `${app}dist/main.js`,
  platform: 'node',
  // The parser finds its WebAssembly beside itself; the driver's native twin is not ours.
  external: ['libpg-query', 'pg-native', /^node:/],
  logLevel: 'warn',
  // The driver looks for Cloudflare's runtime by touching Response, which makes Node load its whole HTTP client.
  transform: { define: { Response: 'undefined' } },
});
await bundle.write({ dir: `${app}dist/bundled`, format: 'esm', sourcemap: true });
await bundle.close();
