import { type Interruption, interruptionOf } from './interruption.ts';
import { runsOutsideTransaction } from './outside-transaction.ts';
import type { TreeNode } from './parser.ts';
import { nameParts, openNode, type TreeNames } from './tree.ts';

type Fields = Readonly<Record<string, unknown>>;

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
