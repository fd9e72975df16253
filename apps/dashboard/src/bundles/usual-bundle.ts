import type { Item } from '../api/client.ts';

/**
 * What targets are held against unless somebody says otherwise: the newest bundle that has arrived anywhere, or before
 * any has, the newest without problems. Null: there is none.
 * @param bundles the newest first
 */
export function usualBundle(bundles: readonly Item<'listBundles'>[]): string | null {
  const found = bundles.find(({ targets }) => targets > 0) ?? bundles.find(({ problems }) => problems === 0);
  return found?.digest ?? null;
}
