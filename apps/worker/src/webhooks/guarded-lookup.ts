import { lookup as dnsLookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { type InternalAllowance, isAddressAllowed } from '@postgres-manager/control-plane';

/** Asks for all addresses of a name; `dns.lookup` but for tests. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** A name or address that a webhook may not lead to. */
export class InternalAddressError extends Error {
  constructor(host: string, address: string) {
    const leads =
      host === address ? `${host} is an internal address` : `${host} leads to the internal address ${address}`;
    super(`${leads}. WEBHOOK_ALLOW_INTERNAL of the workers says which of them may be reached.`);
    this.name = 'InternalAddressError';
  }
}

/**
 * What a socket looks its address up with: the very addresses that it will connect to are judged, so that a name that
 * leads elsewhere at another time leads nowhere internal. One internal address among several is enough to refuse.
 * An address in place of a name is never looked up: `requireAllowedAddress` judges that.
 */
export function guardedLookup(allowance: InternalAllowance, resolve: Resolve = dnsLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null || first === undefined) {
        callback(error ?? new Error(`${hostname} has no address.`), '', 0);
        return;
      }
      const refused = addresses.find(({ address }) => !isAddressAllowed(address, hostname, allowance));
      if (refused !== undefined) callback(new InternalAddressError(hostname, refused.address), '', 0);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
