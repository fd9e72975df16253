import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/**
 * Below those that systems give to outgoing connections (Linux from 32768, others from 49152): a server that is stopped
 * and started again on its port would find one of these there now and then.
 */
const FIRST = 20_000;
const LAST = 32_000;
const TRIES = 50;

/** A TCP port of the loopback address that was free a moment ago. Somebody else may take it first: try again then. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = await portIfFree(randomInt(FIRST, LAST));
    if (port !== null) return port;
  }
  return (await portIfFree(0)) ?? (await freePort());
}

/** @param port 0: any */
async function portIfFree(port: number): Promise<number | null> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return null;
  }
  const { port: free } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return free;
}
