import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('load.mjs', import.meta.url));
export const CONNECTIONS = 32;

/**
 * POSTs the bodies, round robin, until `total` are answered 202.
 * @returns {Promise<{startedAt: number, elapsedMs: number, p50Ms: number, p99Ms: number}>} startedAt: ms since 1970
 */
export async function sendLoad({ port, path, key, bodies, total }) {
  const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify({ port, path, key, bodies, total, connections: CONNECTIONS }));
  const output = await text(child.stdout);
  if (output === '') throw new Error('the load did not come to its end: see above');
  return JSON.parse(output);
}
