import { dsnFault, ENCODE_HINT, severalHosts } from './dsn-fault.ts';
import { type DsnField, type DsnFields, FieldCollector } from './dsn-parameters.ts';

/**
 * Reads `postgres://[user[:password]@][host][:port][/dbname][?name=value&…]`.
 * By hand rather than with `URL`, which changes what it doesn't like and quotes its input in errors. Where a raw
 * `/ ? # @` in a password would let another host be read than was meant, the text is refused instead.
 */
export function readUrlDsn(text: string): DsnFields {
  const body = text.slice(text.indexOf('://') + 3);
  if (/\s/.test(body)) throw dsnFault('The DSN has a space or a line break inside', ENCODE_HINT);
  if (body.includes('#')) throw dsnFault('The DSN has a # in it, where a URL ends', ENCODE_HINT);
  const authorityEnd = firstOf(body, /[/?]/);
  const authority = body.slice(0, authorityEnd);
  refuseStrayAt(authority, body.slice(authorityEnd));
  const collector = new FieldCollector();
  const at = authority.indexOf('@');
  if (at !== -1) readUserInfo(authority.slice(0, at), collector);
  readHostAndPort(authority.slice(at + 1), collector);
  const rest = body.slice(authorityEnd);
  const queryStart = firstOf(rest, /\?/);
  const database = rest.slice(1, queryStart);
  if (rest.startsWith('/') && database !== '') collector.add('dbname', decode('dbname', database));
  readQuery(rest.slice(queryStart + 1), collector);
  return collector.fields;
}

function firstOf(text: string, pattern: RegExp): number {
  const index = text.search(pattern);
  return index === -1 ? text.length : index;
}

function refuseStrayAt(authority: string, rest: string): void {
  if (authority.indexOf('@') !== authority.lastIndexOf('@')) {
    throw dsnFault('The DSN has more than one @ before its host', ENCODE_HINT);
  }
  // `user:se/cret@host`: what follows the slash would be taken for the database, and `user` for the host.
  if (rest.includes('@')) throw dsnFault('The DSN has an @ behind a / or ?', ENCODE_HINT);
}

function readUserInfo(text: string, collector: FieldCollector): void {
  const colon = firstOf(text, /:/);
  if (colon > 0) collector.add('user', decode('user', text.slice(0, colon)));
  if (colon < text.length) collector.add('password', decode('password', text.slice(colon + 1)));
}

function readHostAndPort(text: string, collector: FieldCollector): void {
  if (text.includes(',')) throw severalHosts();
  const bracketed = /^\[([0-9a-f.]*:[0-9a-f:.]*(?:%25[a-z0-9._-]+)?)\](?::([^:]*))?$/i.exec(text);
  if (bracketed === null && /[[\]]/.test(text)) {
    throw dsnFault('The square brackets of the DSN hold no IPv6 address', 'Write an IPv6 address as [::1]:5432.');
  }
  const [host = '', port = '', ...more] = bracketed === null ? text.split(':') : [bracketed[1], bracketed[2]];
  if (more.length > 0) {
    throw dsnFault(
      'The DSN has more than one colon in its host and port',
      `An IPv6 address stands in brackets: [::1]:5432. A password ends with an @. ${ENCODE_HINT}`,
    );
  }
  if (host !== '') collector.add('host', decode('host', host));
  if (port !== '') collector.add('port', decode('port', port));
}

function readQuery(text: string, collector: FieldCollector): void {
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    if (equals === -1) throw dsnFault('The DSN has a parameter without a value behind its ?', ENCODE_HINT);
    const name = decode('parameter', pair.slice(0, equals));
    collector.add(name, decode('parameter', pair.slice(equals + 1)));
  }
}

function decode(field: DsnField | 'parameter', text: string): string {
  const what = field === 'parameter' ? 'a parameter' : `the ${field}`;
  if (/%(?![0-9a-f]{2})/i.test(text)) {
    throw dsnFault(
      `In ${what} of the DSN two hexadecimal digits are missing behind a %`,
      `Write the % itself as %25. ${ENCODE_HINT}`,
    );
  }
  try {
    return decodeURIComponent(text);
  } catch {
    throw dsnFault(`In ${what} of the DSN what is percent-encoded is not UTF-8`, ENCODE_HINT);
  }
}
