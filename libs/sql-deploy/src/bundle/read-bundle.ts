import type { Bundle } from './bundle.ts';

/** Takes a snapshot of the three folders below `root`. */
export async function readBundle(root: string): Promise<Bundle> {
  throw new Error(`not yet: ${root}`);
}
