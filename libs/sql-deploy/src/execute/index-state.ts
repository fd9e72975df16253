import type { QualifiedName } from '../sql/interruption.ts';
import type { Session } from '../target/session.ts';
import { literal, qualified } from '../target/sql-text.ts';

export type IndexState = 'absent' | 'valid' | 'invalid';

/** An index as the catalog has it: a name that CREATE INDEX gives lies in its table's schema. */
export interface FoundIndex {
  readonly state: IndexState;
  /** Quoted and qualified; null when absent. */
  readonly name: string | null;
}

/** Looks for the index that a CREATE INDEX on `table` makes. */
export async function findIndexOfTable(session: Session, table: QualifiedName, index: string): Promise<FoundIndex> {
  return found(
    session,
    `c.relname = ${literal(index)} AND c.relnamespace =
       (SELECT relnamespace FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass(${literal(qualified(table))}))`,
  );
}

/** Looks for an index by the name that a DROP INDEX gives. */
export async function findIndex(session: Session, index: QualifiedName): Promise<FoundIndex> {
  return found(session, `c.oid = pg_catalog.to_regclass(${literal(qualified(index))})`);
}

async function found(session: Session, condition: string): Promise<FoundIndex> {
  const [valid, name] = await session.row(
    `SELECT i.indisvalid, pg_catalog.format('%I.%I', n.nspname, c.relname)
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE ${condition}`,
  );
  if (valid === undefined) return { state: 'absent', name: null };
  return { state: valid === 't' ? 'valid' : 'invalid', name: name ?? null };
}

/** Takes away what an interrupted build left behind, without locking out the table's users. */
export async function dropIndex(session: Session, index: FoundIndex): Promise<void> {
  if (index.name !== null) await session.run(`DROP INDEX CONCURRENTLY IF EXISTS ${index.name}`);
}
