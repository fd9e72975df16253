import type { Bundle, Folder } from '../bundle/bundle.ts';
import type { Problem } from './problem.ts';

/** Every problem of a bundle at once, in the order a person mends them. Empty means valid. */
export async function validate(bundle: Bundle, folders?: readonly Folder[]): Promise<Problem[]> {
  throw new Error(`not yet: ${bundle.digest} ${folders?.length}`);
}
