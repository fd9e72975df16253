import type { Answer } from '../api/client.ts';

/** Whose key it is, and what it may do. */
export type Me = Answer<'getMe'>;
