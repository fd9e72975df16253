import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** What proxies add. They are never believed, but whoever sends one does not come straight from this machine. */
const OF_PROXIES = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];

/**
 * True for a request that a program on this machine made, straight to a name of this machine. The peer's address is that
 * of the connection. The Host header is looked at because a page from elsewhere can have its own name resolve to 127.0.0.1
 * (DNS rebinding): the browser still sends that name.
 */
export function isLocalRequest({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): boolean {
  if (!isLoopback(socket.remoteAddress ?? '')) return false;
  if (OF_PROXIES.some((name) => headers[name] !== undefined)) return false;
  return isLoopbackHost(headers.host ?? '');
}

/** Of a Host header (RFC 9110, 7.2): the name or address before the port. */
function isLoopbackHost(host: string): boolean {
  const [, name = ''] = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::\d{1,5})?$/i.exec(host) ?? [];
  return name.toLowerCase() === 'localhost' || isLoopback(name.replace(/^\[(.*)\]$/, '$1'));
}

/** Also for an IPv4 address as IPv6 writes it: ::ffff:127.0.0.1. */
function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && LOOPBACK.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
