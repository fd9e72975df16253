import { once } from 'node:events';
import { createServer } from 'node:net';
import { SetupError } from '../postgres/setup-error.ts';
import { listenerOn } from './processes.ts';

const PORTS_TO_OFFER = 50;

/**
 * Makes sure that a port can be listened on, before anything else is started.
 * @param host the address to listen on
 * @throws SetupError with the process that has it and what to type instead
 */
export async function requirePort(host: string, port: number): Promise<void> {
  const fault = await listenFault(host, port);
  if (fault === null) return;
  if (fault !== 'EADDRINUSE')
    throw new SetupError(`Port ${port} of ${host} cannot be used (${fault}). ${advice(3000)}`);
  const owner = await listenerOn(port);
  const who = owner === null ? '' : ` by process ${owner.pid} (${shortened(owner.command)})`;
  throw new SetupError(`Port ${port} is in use${who}. Nothing was started. ${advice(await freeAfter(host, port))}`);
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
