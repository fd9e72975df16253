import { nameParts } from './tree.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What to do about a statement that runs outside a transaction and was interrupted.
 * - `rerun`: doing it again does no harm and finishes it.
 * - `index`: look at the index: valid is done, invalid is dropped and built again, absent is built again.
 * - `drop-index`: absent is done, else drop it again.
 * - `reindex`: doing it again finishes it; the half-built twins that a concurrent one leaves are taken away first.
 * - `person`: its outcome can't be read off the catalog.
 */
export type Interruption =
  | { readonly type: 'rerun' }
  | { readonly type: 'index'; readonly table: QualifiedName; readonly index: string }
  | { readonly type: 'drop-index'; readonly indexes: readonly QualifiedName[] }
  | { readonly type: 'reindex'; readonly relation: QualifiedName | null }
  | { readonly type: 'person' };

export interface QualifiedName {
  readonly schema: string | null;
  readonly name: string;
}

const RERUN: Interruption = { type: 'rerun' };
const PERSON: Interruption = { type: 'person' };

/** What an interruption of a statement of this kind means. */
export function interruptionOf(kind: string, fields: Fields): Interruption {
  switch (kind) {
    case 'IndexStmt': {
      const table = rangeVarName(fields['relation']);
      const index = fields['idxname'];
      // Without a name the server makes one up: there is nothing to look for afterwards.
      return table !== null && typeof index === 'string' && index !== '' ? { type: 'index', table, index } : PERSON;
    }
    case 'DropStmt': {
      if (fields['removeType'] !== 'OBJECT_INDEX' || !Array.isArray(fields['objects'])) return PERSON;
      return { type: 'drop-index', indexes: fields['objects'].map(listName) };
    }
    case 'ReindexStmt':
      // Without a relation: a schema, or the whole database.
      return { type: 'reindex', relation: rangeVarName(fields['relation']) };
    case 'VacuumStmt':
    case 'AlterSystemStmt':
    case 'ClusterStmt':
    case 'VariableSetStmt':
      return RERUN;
    default:
      return PERSON;
  }
}

function rangeVarName(value: unknown): QualifiedName | null {
  const relation = value as { schemaname?: string; relname?: string } | undefined;
  if (relation?.relname === undefined) return null;
  return { schema: relation.schemaname ?? null, name: relation.relname };
}

function listName(item: unknown): QualifiedName {
  const parts = nameParts((item as { List?: { items?: unknown } }).List?.items);
  return { schema: parts.length > 1 ? (parts.at(-2) ?? null) : null, name: parts.at(-1) ?? '' };
}
