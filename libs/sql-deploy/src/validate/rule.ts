import type { Bundle } from '../bundle/bundle.ts';
import type { Problem } from './problem.ts';

/** One check over a bundle, in a file of its own below `rules/`: pure, and without an order in what it gives. */
export type Rule = (bundle: Bundle) => readonly Problem[];
