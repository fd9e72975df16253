import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { SetupError } from '../postgres/setup-error.ts';
import { listenerOn } from './processes.ts';

const PORTS_TO_OFFER = 50;

/**
 * Makes sure that a port can be listened on, before anything else is started.
 * @param host the address to listen on
 * @param local the folder `.local`
 * @throws SetupError with the process that has it and what to type instead
 */
export async function requirePort(host: string, port: number, local: string): Promise<void> {
  const fault = await listenFault(host, port);
  if (fault === null) return;
  if (fault !== 'EADDRINUSE') {
    throw new SetupError(`Port ${port} of ${host} cannot be used (${fault}). Nothing was started.\n${advice(3000)}`);
  }
  const owner = await listenerOn(port);
  const ours = Number(await readFile(join(local, 'postgres-owner'), 'utf8').catch(() => ''));
  if (owner !== null && owner.pid === ours) {
    throw new SetupError(
      `npm start runs already in this folder (process ${ours}): http://localhost:${port}\n` +
        'End that one first, with Ctrl-C where it runs.',
    );
  }
  const who = owner === null ? '.' : ` by process ${owner.pid}:\n\n    ${shortened(owner.command)}\n`;
  throw new SetupError(`Port ${port} is in use${who}\nNothing was started. ${advice(await freeAfter(host, port))}`);
}

function advice(port: number): string {
  return `End that process, or choose another port:\n\n    PORT=${port} npm start`;
}

async function freeAfter(host: string, port: number): Promise<number> {
  for (let candidate = port + 1; candidate < Math.min(port + PORTS_TO_OFFER, 65_535); candidate++) {
    if ((await listenFault(host, candidate)) === null) return candidate;
  }
  return port + 1;
}

async function listenFault(host: string, port: number): Promise<string | null> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    server.close();
  }
}

function shortened(command: string): string {
  return command.length > 60 ? `${command.slice(0, 59)}…` : command;
}
