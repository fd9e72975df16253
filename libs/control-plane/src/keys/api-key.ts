import { createHash, randomBytes } from 'node:crypto';
import type { Labels } from '../targets/labels.ts';

/**
 * viewer reads; deployer deploys, cancels and retries besides; admin does everything but approve. approver reads,
 * approves and rejects, and asks for nothing: so no key says yes to what it asked for itself.
 */
export type Role = 'viewer' | 'deployer' | 'approver' | 'admin';

export const ROLES: readonly Role[] = ['viewer', 'deployer', 'approver', 'admin'];

const MAY: Readonly<Record<Role, readonly Role[]>> = {
  viewer: ['viewer'],
  deployer: ['viewer', 'deployer'],
  approver: ['viewer', 'approver'],
  admin: ['viewer', 'deployer', 'admin'],
};

/** True when `role` may do what needs `needed`. */
export function hasRole(role: Role, needed: Role): boolean {
  return MAY[role].includes(needed);
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
