import type { Results } from './results.ts';

/** Writes docs/reliability.md. */
export function writeReport(_results: Results | null): void {}
