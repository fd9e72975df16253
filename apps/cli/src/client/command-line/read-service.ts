import { CONNECT_TIMEOUT, flagSource, type Input, reportMissing } from '../../input.ts';
import { readTimeMs } from '../../values.ts';
import type { ServiceFlags } from './client-invocation.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/** How to reach the service, from `--server` or POSTGRES_MANAGER_SERVER, and POSTGRES_MANAGER_KEY; null with a fault. */
export function readService(input: Input): ServiceFlags | null {
  const { faults, environment } = input;
  const source = flagSource(input, 'server', ['POSTGRES_MANAGER_SERVER', environment.server]);
  if (source === null) {
    reportMissing(input, 'server', '--server is missing: the address of the service (or set POSTGRES_MANAGER_SERVER)');
  }
  const address = source === null ? null : readAddress(source.label, source.text, faults);
  const connectTimeoutMs = readTimeMs(flagSource(input, 'connect-timeout'), CONNECT_TIMEOUT, faults);
  const { key } = environment;
  // After a slip in the command's name it is not clear that a service is meant at all.
  const isClear = source !== null || !input.line.spokenOf.has('server');
  if (key === null && isClear) {
    faults.push('POSTGRES_MANAGER_KEY is not set: put the key for the service into it');
  } else if (key !== null && !/^[\x21-\x7e]{1,512}$/.test(key)) {
    faults.push('POSTGRES_MANAGER_KEY holds characters that no key has (its value is not shown here)');
  }
  return address === null || key === null ? null : { address, key, connectTimeoutMs };
}

/** Neither the text nor a part of it is put into a message: it could hold a password. */
function readAddress(label: string, text: string, faults: string[]): string | null {
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  } catch {
    faults.push(`${label} must be an address such as https://deploy.example.org`);
    return null;
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    faults.push(`${label} must begin with https:// (or http://)`);
  } else if (url.username !== '' || url.password !== '') {
    faults.push(`${label} holds a user or password, which are not used: the key goes into POSTGRES_MANAGER_KEY`);
  } else if (url.search !== '' || url.hash !== '') {
    faults.push(`${label} must be an address alone, without ? and #`);
  } else {
    return `${url.origin}${url.pathname.replace(/\/(v1\/?)?$/, '')}`;
  }
  return null;
}

/** Whether the key and the files would travel readable for others. */
export function isUnencrypted(address: string): boolean {
  const url = new URL(address);
  return url.protocol === 'http:' && !LOOPBACK.test(url.hostname);
}
