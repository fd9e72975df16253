import {
  type Actor,
  type ApiKey,
  findKeyByHash,
  hashKey,
  hasRole,
  isKey,
  type Labels,
  noteKeyUse,
  type Role,
} from '@postgres-manager/control-plane';
import type { ControlDatabase } from '@postgres-manager/control-plane';
import { HttpProblem } from './problem.ts';

/** Who calls: what their key says of them. */
export interface Caller {
  readonly keyId: string;
  readonly name: string;
  readonly role: Role;
  /** They may use targets that have all of these; empty: all. */
  readonly labels: Labels;
  /** ISO 8601; null: their key does not expire. */
  readonly expiresAt: string | null;
  readonly actor: Actor;
}

/** Stands for the caller of a call that takes no key: nobody has a label without a name, so it may see no target. */
export const NOBODY: Caller = {
  keyId: '',
  name: 'nobody',
  role: 'viewer',
  labels: { '': '' },
  expiresAt: null,
  actor: { name: 'nobody', keyId: null, requestId: null },
};

/** A key that was revoked is refused after so long at the latest. */
const KEPT_MS = 5000;
const MOST_KEPT = 10_000;

/** Knows callers by their keys. What it looked up is kept for five seconds, so that not every call asks the database. */
export class Callers {
  readonly #db: ControlDatabase;
  readonly #kept = new Map<string, { key: ApiKey; at: number }>();

  constructor(db: ControlDatabase) {
    this.#db = db;
  }

  /**
   * @param authorization the header of that name
   * @throws HttpProblem 401, which doesn't tell a wrong key from an expired or revoked one
   */
  async identify(authorization: string | undefined, requestId: string): Promise<Caller> {
    const [, secret = ''] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    if (!isKey(secret)) throw unauthorized(authorization === undefined);
    const key = await this.#find(hashKey(secret));
    if (key === null || key.revokedAt !== null || isPast(key.expiresAt)) throw unauthorized(false);
    return {
      keyId: key.id,
      name: key.name,
      role: key.role,
      labels: key.labels,
      expiresAt: key.expiresAt,
      actor: { name: key.name, keyId: key.id, requestId },
    };
  }

  /** Forgets all: after a key was revoked here. */
  forget(): void {
    this.#kept.clear();
  }

  async #find(hash: Buffer): Promise<ApiKey | null> {
    const id = hash.toString('base64');
    const kept = this.#kept.get(id);
    const now = performance.now();
    if (kept !== undefined && now - kept.at < KEPT_MS) return kept.key;
    const key = await findKeyByHash(this.#db, hash);
    this.#kept.delete(id);
    if (key === null) return null;
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(id, { key, at: now });
    await noteKeyUse(this.#db, key.id);
    return key;
  }
}

/** @throws HttpProblem 403 */
export function requireRole(caller: Caller, needed: Role): void {
  if (hasRole(caller.role, needed)) return;
  throw new HttpProblem({
    status: 403,
    code: 'role_too_low',
    detail: `This takes the role ${needed}, and the key ${caller.name} has the role ${caller.role}. Nothing was changed.`,
    hint: 'Use a key of that role; an admin makes one with POST /v1/keys.',
  });
}

/**
 * Some things are for all targets: a key that is limited to some has no business there.
 * @throws HttpProblem 403
 */
export function requireUnlimited(caller: Caller): void {
  if (Object.keys(caller.labels).length === 0) return;
  throw new HttpProblem({
    status: 403,
    code: 'role_too_low',
    detail: `This concerns all targets, and the key ${caller.name} is limited to some by its labels. Nothing was changed.`,
    hint: 'Use an admin’s key without labels.',
  });
}

function isPast(expiresAt: string | null): boolean {
  return expiresAt !== null && Date.parse(expiresAt) <= Date.now();
}

function unauthorized(isMissing: boolean): HttpProblem {
  return new HttpProblem({
    status: 401,
    code: isMissing ? 'key_missing' : 'key_invalid',
    detail: isMissing
      ? 'The request carries no key. Nothing was done.'
      : 'The key is not valid: unknown, expired or revoked. Nothing was done.',
    hint: 'Send `Authorization: Bearer pgm_…`; an admin makes keys with POST /v1/keys.',
    headers: { 'www-authenticate': 'Bearer realm="postgres-manager"' },
  });
}
