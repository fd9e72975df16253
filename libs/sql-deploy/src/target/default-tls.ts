import { BlockList, isIP } from 'node:net';

/**
 * How a server is reached when the DSN does not say: `verify-full` where a public certificate authority could vouch
 * for it, `disable` where none can. None can for a socket, a loopback or private address, a name without a dot
 * (`db`, in a Docker network) and the private top-level names; there TLS without an authority of one's own proves
 * nothing, and a server that was set up that way says so with `sslmode=`. The rule looks at the host alone, never at
 * the network, so the same DSN always means the same.
 */
export function defaultTls(host: string): 'disable' | 'verify-full' {
  return isPrivateHost(host) ? 'disable' : 'verify-full';
}

function isPrivateHost(host: string): boolean {
  if (host.startsWith('/')) return true;
  const family = isIP(host);
  if (family !== 0) return privateAddresses().check(host.replace(/%.*$/, ''), family === 4 ? 'ipv4' : 'ipv6');
  const name = host.toLowerCase().replace(/\.$/, '');
  // `134744072` and `0x8080808` are addresses too, to the resolver.
  if (/^(0x[0-9a-f]*|[0-9.]+)$/.test(name)) return false;
  return !name.includes('.') || PRIVATE_NAMES.some((suffix) => name.endsWith(suffix));
}

/** RFC 6761, RFC 6762, RFC 8375, and `.internal`, which ICANN keeps for private use. */
const PRIVATE_NAMES: readonly string[] = ['.localhost', '.local', '.internal', '.home.arpa', '.test', '.lan'];

function privateAddresses(): BlockList {
  const list = new BlockList();
  list.addSubnet('127.0.0.0', 8, 'ipv4');
  list.addSubnet('10.0.0.0', 8, 'ipv4');
  list.addSubnet('172.16.0.0', 12, 'ipv4');
  list.addSubnet('192.168.0.0', 16, 'ipv4');
  list.addSubnet('169.254.0.0', 16, 'ipv4');
  // Carrier-grade NAT (RFC 6598), where overlay networks such as Tailscale live.
  list.addSubnet('100.64.0.0', 10, 'ipv4');
  list.addAddress('::1', 'ipv6');
  list.addSubnet('fc00::', 7, 'ipv6');
  list.addSubnet('fe80::', 10, 'ipv6');
  return list;
}
