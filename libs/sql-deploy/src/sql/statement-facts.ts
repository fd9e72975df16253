import type { TreeNode } from './parser.ts';
import { nameParts, openNode, optionNames, type TreeNames, visitNodes } from './tree.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What to do about a statement that runs outside a transaction and was interrupted.
 * - `rerun`: doing it again does no harm and finishes it.
 * - `index`: look at the index: valid is done, invalid is dropped and built again, absent is built again.
 * - `drop-index`: absent is done, else drop it again.
 * - `person`: its outcome can't be read off the catalog.
 */
export type Interruption =
  | { readonly type: 'rerun' }
  | { readonly type: 'index'; readonly table: QualifiedName; readonly index: string }
  | { readonly type: 'drop-index'; readonly indexes: readonly QualifiedName[] }
  | { readonly type: 'person' };

export interface QualifiedName {
  readonly schema: string | null;
  readonly name: string;
}

/** What the executor needs to know of one statement, read off its tree. */
export interface StatementFacts {
  /** The kind of its tree node: `IndexStmt`. */
  readonly kind: string;
  /** The server refuses it inside a transaction block. */
  readonly outsideTransaction: boolean;
  readonly interruption: Interruption;
  /** It leaves the session as it found it, and runs no code but the server's own. */
  readonly neutral: boolean;
  /** It runs code the parser can't see into: a DO block, a procedure, a function. */
  readonly opaque: boolean;
  /** It reads or writes rows. */
  readonly isData: boolean;
  /** It only changes a setting of the session: repeated when a half-done file is resumed. */
  readonly setsSession: boolean;
}

const RERUN: Interruption = { type: 'rerun' };
const PERSON: Interruption = { type: 'person' };

/** Reads the facts of a statement off its syntax tree. */
export function statementFacts(node: TreeNode, names: TreeNames): StatementFacts {
  const [kind, fields] = openNode(node);
  const opaque = runsOpaqueCode(kind, names);
  const temporary = makesTemporary(fields, names);
  const isData = DATA.has(kind);
  return {
    kind,
    outsideTransaction: runsOutsideTransaction(kind, fields),
    interruption: interruptionOf(kind, fields),
    neutral: !opaque && (isData || DEFINITIONS.has(kind)) && !temporary,
    isData,
    opaque,
    setsSession: kind === 'VariableSetStmt' && fields['is_local'] !== true,
  };
}

/**
 * The statements that PreventInTransactionBlock (src/backend/access/transam/xact.c) guards, as far as the
 * text decides. REINDEX and CLUSTER of a partitioned table, and CALL and DO that commit, can't be known here:
 * they fail safely, and a `-- transactional: false` header is the way to say so.
 */
function runsOutsideTransaction(kind: string, fields: Fields): boolean {
  switch (kind) {
    case 'IndexStmt':
    case 'DropStmt':
      return fields['concurrent'] === true;
    case 'ReindexStmt':
      return (
        ['REINDEX_OBJECT_SCHEMA', 'REINDEX_OBJECT_SYSTEM', 'REINDEX_OBJECT_DATABASE'].includes(
          String(fields['kind']),
        ) ||
        (optionNames(fields['params']).includes('concurrently') && !optionIsFalse(fields['params'], ['concurrently']))
      );
    case 'VacuumStmt':
      return fields['is_vacuumcmd'] === true;
    case 'ClusterStmt':
      return fields['relation'] === undefined;
    case 'CreatedbStmt':
    case 'DropdbStmt':
    case 'CreateTableSpaceStmt':
    case 'DropTableSpaceStmt':
    case 'AlterSystemStmt':
      return true;
    case 'AlterDatabaseStmt':
      return optionNames(fields['options']).includes('tablespace');
    case 'AlterTableStmt':
      return detachesConcurrently(fields);
    case 'CreateSubscriptionStmt':
      return !optionIsFalse(fields['options'], ['connect', 'create_slot']);
    case 'DropSubscriptionStmt':
      return true;
    case 'AlterSubscriptionStmt':
      return alterSubscriptionRefreshes(fields);
    case 'DiscardStmt':
      return fields['target'] === 'DISCARD_ALL';
    case 'TransactionStmt':
      return ['TRANS_STMT_COMMIT_PREPARED', 'TRANS_STMT_ROLLBACK_PREPARED'].includes(String(fields['kind']));
    default:
      return false;
  }
}

function detachesConcurrently(fields: Fields): boolean {
  let found = false;
  visitNodes(fields['cmds'], (kind, command) => {
    if (kind === 'AlterTableCmd' && command['subtype'] === 'AT_DetachPartition') {
      visitNodes(command['def'], (inner, def) => {
        if (inner === 'PartitionCmd' && def['concurrent'] === true) found = true;
      });
    }
  });
  return found;
}

function optionIsFalse(options: unknown, names: readonly string[]): boolean {
  if (!Array.isArray(options)) return false;
  return options.some((item) => {
    const { defname, arg } = (item as { DefElem?: { defname?: string; arg?: unknown } }).DefElem ?? {};
    const text = JSON.stringify(arg ?? null).toLowerCase();
    return names.includes(defname ?? '') && /"(false|off|0)"|"ival":\{\}|"boolval":\{\}/.test(text);
  });
}

function alterSubscriptionRefreshes(fields: Fields): boolean {
  const kind = String(fields['kind']);
  if (kind === 'ALTER_SUBSCRIPTION_REFRESH') return true;
  if (kind === 'ALTER_SUBSCRIPTION_OPTIONS') {
    const names = optionNames(fields['options']);
    return names.includes('failover') || names.includes('two_phase');
  }
  const changesPublication = /_(SET|ADD|DROP)_PUBLICATION$/.test(kind);
  return changesPublication && !optionIsFalse(fields['options'], ['refresh']);
}

function interruptionOf(kind: string, fields: Fields): Interruption {
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
    case 'VacuumStmt':
    case 'ReindexStmt':
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

/**
 * Definitions, and data without calls of the user's functions: of themselves they change nothing of the session.
 * Triggers can; the statement that enters the file looks for that, and the file is then run again guarded. All else
 * (SET, DO, PREPARE, LISTEN, temporary tables, statements yet unknown) is guarded from the start.
 */
const DATA: ReadonlySet<string> = new Set([
  'DeleteStmt',
  'InsertStmt',
  'MergeStmt',
  'SelectStmt',
  'TruncateStmt',
  'UpdateStmt',
]);

/** Statements that only change the catalog. */
const DEFINITIONS: ReadonlySet<string> = new Set([
  'AlterDefaultPrivilegesStmt',
  'AlterDomainStmt',
  'AlterEnumStmt',
  'AlterFunctionStmt',
  'AlterObjectSchemaStmt',
  'AlterOwnerStmt',
  'AlterPolicyStmt',
  'AlterSeqStmt',
  'AlterTableStmt',
  'AlterTypeStmt',
  'CommentStmt',
  'CompositeTypeStmt',
  'CreateDomainStmt',
  'CreateEnumStmt',
  'CreateFunctionStmt',
  'CreatePolicyStmt',
  'CreateRangeStmt',
  'CreateSeqStmt',
  'CreateStatsStmt',
  'CreateStmt',
  'CreateTrigStmt',
  'DropStmt',
  'GrantRoleStmt',
  'GrantStmt',
  'IndexStmt',
  'RenameStmt',
  'RuleStmt',
  'ViewStmt',
]);

/** `pg_temp` makes anything temporary, not tables alone. */
function makesTemporary(fields: Fields, names: TreeNames): boolean {
  if (names.relations.some(({ schema, temporary }) => temporary || schema?.startsWith('pg_temp') === true)) return true;
  return ['funcname', 'typeName', 'domainname', 'defnames'].some(
    (field) => nameParts(fields[field])[0]?.startsWith('pg_temp') === true,
  );
}

/** In a file headed `-- transactional: false` these run alone too: whether they need it is not in the text. */
export const ALONE_WHEN_ASKED: ReadonlySet<string> = new Set(['CallStmt', 'ClusterStmt', 'DoStmt', 'ReindexStmt']);

/** Kinds that only write down what a function call will do; the call itself does not happen now. */
const DEFINING_KINDS: ReadonlySet<string> = new Set([
  'CreateFunctionStmt',
  'CreatePolicyStmt',
  'CreateStmt',
  'CreateTrigStmt',
  'RuleStmt',
  'ViewStmt',
]);

/** The server's own functions that are common in defaults, indexes and seeds and touch nothing of the session. */
const HARMLESS_FUNCTIONS: ReadonlySet<string> = new Set([
  'abs',
  'array_agg',
  'avg',
  'btrim',
  'char_length',
  'chr',
  'clock_timestamp',
  'concat',
  'count',
  'date',
  'date_part',
  'date_trunc',
  'extract',
  'format',
  'gen_random_uuid',
  'generate_series',
  'jsonb_agg',
  'jsonb_build_object',
  'left',
  'length',
  'lower',
  'lpad',
  'ltrim',
  'make_date',
  'max',
  'md5',
  'min',
  'nextval',
  'now',
  'random',
  'repeat',
  'replace',
  'right',
  'round',
  'rtrim',
  'setval',
  'split_part',
  'string_agg',
  'substr',
  'substring',
  'sum',
  'timezone',
  'to_char',
  'to_tsvector',
  'translate',
  'trim',
  'unnest',
  'upper',
]);

function runsOpaqueCode(kind: string, names: TreeNames): boolean {
  if (kind === 'DoStmt' || kind === 'CallStmt' || kind === 'ExecuteStmt' || kind === 'CreateExtensionStmt') return true;
  if (DEFINING_KINDS.has(kind)) return false;
  for (const name of names.functions) if (!HARMLESS_FUNCTIONS.has(name)) return true;
  return false;
}
