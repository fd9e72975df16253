import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

// Which addresses a webhook may lead to. Whoever registers one makes the workers send requests, so none goes where only
// the workers can: their own machine, their network, the metadata service of their cloud (server-side request forgery).

/** What is internal and may be reached all the same: the setting WEBHOOK_ALLOW_INTERNAL. */
export interface InternalAllowance {
  readonly addresses: BlockList;
  /** Names, in lower case. */
  readonly hosts: ReadonlySet<string>;
}

/** IANA IPv4 Special-Purpose Address Registry; multicast (224/4) and what is reserved (240/4, broadcast). */
const INTERNAL_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Global unicast is 2000::/3 (RFC 4291). Within it: Teredo and other protocols, documentation, 6to4, documentation. */
const GLOBAL_IPV6 = '2000::/3';
const INTERNAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
/** RFC 6052: the IPv4 address is in the last 32 bits. */
const NAT64 = '64:ff9b::/96';
const MAPPED_IPV4 = '::ffff:0:0/96';

const INTERNAL = blockList([...INTERNAL_IPV4, ...INTERNAL_IPV6]);
const GLOBAL = blockList([GLOBAL_IPV6]);
const CARRIES_IPV4 = blockList([NAT64, MAPPED_IPV4]);

export const NOTHING_INTERNAL: InternalAllowance = { addresses: new BlockList(), hosts: new Set() };

/**
 * Reads WEBHOOK_ALLOW_INTERNAL: addresses, CIDRs and names, separated by commas.
 * @returns null when something in it is none of these
 */
export function readInternalAllowance(text: string): InternalAllowance | null {
  const parts = text
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== '');
  const hosts = new Set<string>();
  const addresses = new BlockList();
  for (const part of parts) {
    if (addSubnet(addresses, part)) continue;
    if (!/^(?!\d+(\.\d+)*$)[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(part)) return null;
    hosts.add(part);
  }
  return { addresses, hosts };
}

/** Whether a request may go to an address. @param host the name that led there */
export function isAddressAllowed(address: string, host: string, allowance: InternalAllowance): boolean {
  return !isInternal(address) || allowance.hosts.has(nameOf(host)) || isListed(allowance.addresses, address);
}

/**
 * What speaks against a webhook's URL, as far as can be told without asking DNS; null: nothing.
 * @param text is never repeated in what is returned
 */
export function findUrlFault(text: string, allowance: InternalAllowance): string | null {
  if (!URL.canParse(text)) return 'Is not a URL.';
  const url = new URL(text);
  const host = nameOf(url.hostname);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'Is to begin with https://.';
  if (url.username !== '' || url.password !== '') {
    return 'Holds a user or password. The signature tells the receiver who sends; leave them out.';
  }
  if (url.hash !== '') return 'Holds a fragment (#…), which is never sent; leave it out.';
  const isNamed = isNamedInternal(host, allowance);
  if (isIP(host) !== 0 && !isAddressAllowed(host, host, allowance)) return INTERNAL_FAULT;
  if (isLocalName(host) && !isNamed) return INTERNAL_FAULT;
  if (url.protocol === 'http:' && !isNamed) {
    return 'Is to begin with https://; http:// is for addresses and names in WEBHOOK_ALLOW_INTERNAL alone.';
  }
  return null;
}

const INTERNAL_FAULT =
  'Leads to an internal address. Whoever runs the service may allow it with WEBHOOK_ALLOW_INTERNAL, for API and workers.';

/** Named one by one, or as an address: not something that DNS leads to. */
function isNamedInternal(host: string, { addresses, hosts }: InternalAllowance): boolean {
  return hosts.has(host) || (isIP(host) !== 0 && isListed(addresses, host));
}

/** RFC 6761 and what networks use for themselves (RFC 6762, RFC 8375, ICANN's .internal). */
function isLocalName(host: string): boolean {
  return (
    /(^|\.)(localhost|local|internal|home\.arpa|localdomain)$/.test(host) || (isIP(host) === 0 && !host.includes('.'))
  );
}

/** The host of a URL as names and addresses are written elsewhere: no brackets, no dot at its end. */
function nameOf(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

/** What is no address at all counts as internal. */
function isInternal(address: string): boolean {
  if (isIPv4(address)) return isListed(INTERNAL, address);
  if (!isIPv6(address)) return true;
  const carried = carriedIPv4(address);
  if (carried !== null) return isListed(INTERNAL, carried);
  return !isListed(GLOBAL, address) || isListed(INTERNAL, address);
}

/** The IPv4 address that an IPv6 address leads to: one that is mapped, or behind NAT64. */
function carriedIPv4(address: string): string | null {
  if (!isListed(CARRIES_IPV4, address)) return null;
  // As WHATWG's URL writes it: compressed, in hexadecimal.
  const groups = new URL(`http://[${withoutZone(address)}]`).hostname.slice(1, -1).split(':');
  const [high, low] = groups.slice(-2).map((group) => Number.parseInt(group === '' ? '0' : group, 16));
  if (high === undefined || low === undefined) return null;
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function withoutZone(address: string): string {
  return address.replace(/%.*$/, '');
}

function isListed(list: BlockList, address: string): boolean {
  const plain = withoutZone(address);
  return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}

function blockList(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) addSubnet(list, subnet);
  return list;
}

/** @returns false for what is neither an address nor a CIDR */
function addSubnet(list: BlockList, text: string): boolean {
  const [, address = '', bits] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  const most = family === 6 ? 128 : 32;
  const prefix = bits === undefined ? most : Number(bits);
  if (family === 0 || prefix > most) return false;
  list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4');
  return true;
}
