import { useMemo } from 'react';
import type { ApiError } from '../api/api-error.ts';
import type { Item } from '../api/client.ts';
import { useAsk } from '../api/hooks.ts';
import { usualBundle } from '../bundles/usual-bundle.ts';
import { useAddress } from '../routing/address.ts';
import { filterTargets } from './filter-targets.ts';
import type { FleetState, FleetTarget } from './fleet.ts';

/** A bundle that targets can be held against. */
export type ComparableBundle = Item<'listBundles'>;

/** In the address: compare with none. */
export const NO_BUNDLE = 'none';

/** The bundles that were stored last, the newest first. */
function useBundles(): readonly ComparableBundle[] | undefined {
  return useAsk('listBundles', { query: { limit: 50 } }).data?.items;
}

export interface Fleet {
  /** All that the key may see; undefined while it is asked for. */
  readonly all: readonly FleetTarget[] | undefined;
  /** Those that the filters leave. */
  readonly shown: readonly FleetTarget[];
  readonly counts: Readonly<Partial<Record<FleetState, number>>>;
  /** What they are held against; null: nothing. */
  readonly bundle: string | null;
  readonly bundles: readonly ComparableBundle[];
  readonly error: ApiError | null;
  readonly retry: () => void;
}

const NONE: readonly FleetTarget[] = [];

/** The fleet as the address asks for it: `bundle`, `label` (several), `ordinal`, `name`, `state` (several). */
export function useFleet(): Fleet {
  const address = useAddress();
  const bundles = useBundles();
  const asked = address.get('bundle');
  const bundle = asked === NO_BUNDLE ? null : asked || usualBundle(bundles ?? []);
  const { data, error, refetch } = useAsk(
    'getFleet',
    { query: bundle === null ? {} : { bundle } },
    // Asked once, with the bundle that it is to be held against.
    { enabled: asked !== '' || bundles !== undefined },
  );
  const all = data?.targets;
  const filtered = useMemo(() => {
    const ordinal = address.get('ordinal');
    return filterTargets(all ?? NONE, {
      labels: address.all('label'),
      ordinal: ordinal === '' ? null : Number(ordinal),
      name: address.get('name'),
      states: address.all('state'),
    });
  }, [all, address]);
  return { ...filtered, all, bundle, bundles: bundles ?? [], error, retry: () => void refetch() };
}
