import { createHash } from 'node:crypto';

/** A row of the audit log with every value as the text that its hash is made of. */
export interface ChainedRow {
  readonly seq: string;
  readonly id: string;
  /** UTC, with microseconds. */
  readonly at: string;
  readonly actor: string;
  readonly keyId: string | null;
  readonly requestId: string | null;
  readonly action: string;
  readonly subjectType: string;
  readonly subject: string;
  /** As PostgreSQL writes jsonb. */
  readonly detail: string;
  readonly hash: Buffer;
}

/** A place in the chain. To keep one elsewhere is to be able to tell that nothing up to it was changed since. */
export interface ChainHead {
  readonly seq: string;
  /** Hexadecimal. */
  readonly hash: string;
}

/** What the first row is chained to. */
export const CHAIN_START: Buffer = Buffer.alloc(32);

/**
 * The hash of a row, from the hash before it and its own content; each field with its length before it. The database
 * makes it by a trigger of the same rule (schema/deployment/00002-audit-chain.sql); this one is for judging that.
 */
export function hashOfRow(previous: Buffer, row: ChainedRow): Buffer {
  const { seq, id, at, actor, keyId, requestId, action, subjectType, subject, detail } = row;
  const fields = [seq, id, at, actor, keyId, requestId, action, subjectType, subject, detail];
  return createHash('sha256').update(previous).update(fields.map(framed).join('')).digest();
}

function framed(value: string | null): string {
  return value === null ? '-' : `${Buffer.byteLength(value)}:${value}`;
}
