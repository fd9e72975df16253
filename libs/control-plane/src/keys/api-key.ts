import { createHash, randomBytes } from 'node:crypto';
import type { Labels } from '../targets/labels.ts';

/** viewer reads; deployer deploys, cancels and retries besides; admin does everything. */
export type Role = 'viewer' | 'deployer' | 'admin';

const RANKS: Readonly<Record<Role, number>> = { viewer: 0, deployer: 1, admin: 2 };

/** True when `role` may do what needs `needed`. */
export function hasRole(role: Role, needed: Role): boolean {
  return RANKS[role] >= RANKS[needed];
}

/** A key as it may be shown. Times are ISO 8601, UTC. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  /** Its first characters. */
  readonly prefix: string;
  readonly role: Role;
  /** It is for targets that have all of these; empty: for all. */
  readonly labels: Labels;
  readonly expiresAt: string | null;
  readonly createdAt: string;
  readonly createdBy: string;
  /** To the minute. */
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}

/** What every key begins with, so that people and secret scanners know one when they see it. */
export const KEY_PREFIX = 'pgm_';
/** `pgm_` and 256 random bits in base64url. */
const KEY_PATTERN = /^pgm_[A-Za-z0-9_-]{43}$/;
const SHOWN_CHARACTERS = 10;

/** Makes a new key: 256 random bits. It is shown once and kept nowhere. */
export function generateKey(): string {
  return `${KEY_PREFIX}${randomBytes(32).toString('base64url')}`;
}

/** True for a text that has the form of a key. */
export function isKey(text: string): boolean {
  return KEY_PATTERN.test(text);
}

/** What is stored of a key: its SHA-256. With 256 random bits there is nothing to guess, so no salt or slow hash is needed. */
export function hashKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** What tells keys apart in lists. */
export function shownPrefix(key: string): string {
  return key.slice(0, SHOWN_CHARACTERS);
}
