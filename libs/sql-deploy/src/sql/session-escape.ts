import type { BundleFile } from '../bundle/bundle.ts';
import type { Problem } from '../validate/problem.ts';
import { positionAtByte } from './source-position.ts';
import type { ByteRange } from './split-statements.ts';
import { nameParts, type TreeNames, visitNodes } from './tree.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Rule session-escape: statements that would drop the lock, the guards or the ledger under the run. */
export function sessionEscapeProblems(
  file: BundleFile,
  place: ByteRange,
  [kind, fields]: readonly [string, Fields],
  names: TreeNames,
): Problem[] {
  const findings = [
    ...settingFindings(kind, fields, names),
    ...discardFindings(kind, fields),
    ...unlockFindings(names),
    ...ledgerFindings(kind, fields, names),
  ];
  if (findings.length === 0) return [];
  const { line, column, sourceLine } = positionAtByte(file.bytes, place.start);
  return findings.map(({ message, hint }) => ({
    rule: 'session-escape',
    path: file.path,
    line,
    column,
    message,
    hint,
    sourceLine,
  }));
}

interface Finding {
  readonly message: string;
  readonly hint: string;
}

const SESSION_AUTHORIZATION: Finding = {
  message: 'Changing session_authorization (SET SESSION AUTHORIZATION) would change who the rest of the run is.',
  hint: 'Use SET LOCAL ROLE, or give the objects to their owner with ALTER … OWNER TO.',
};

function settingFindings(kind: string, fields: Fields, names: TreeNames): Finding[] {
  if (names.settings.has('session_authorization')) return [SESSION_AUTHORIZATION];
  if (kind !== 'VariableSetStmt') return [];
  const name = typeof fields['name'] === 'string' ? fields['name'].toLowerCase() : '';
  if (fields['kind'] === 'VAR_RESET_ALL') {
    return [
      {
        message: 'RESET ALL would undo the timeouts and settings that this run depends on.',
        hint: 'Reset the settings the file itself changed, by name. What a file sets is undone after it anyway.',
      },
    ];
  }
  if (name === 'session_authorization') return [SESSION_AUTHORIZATION];
  const value = settingValue(fields);
  if (name === 'client_encoding' && value !== null && !/^(utf-?8|unicode)$/i.test(value)) {
    return [
      {
        message: 'Files are sent as UTF-8; another client_encoding would garble what follows.',
        hint: 'Save the file as UTF-8 and take this line out.',
      },
    ];
  }
  if (name === 'standard_conforming_strings' && value !== null && /^(off|false|no|0)$/i.test(value)) {
    return [
      {
        message: 'With standard_conforming_strings off the server would read strings otherwise than the validator did.',
        hint: "Take this line out and write strings with backslash escapes as E'…'.",
      },
    ];
  }
  return [];
}

function settingValue(fields: Fields): string | null {
  const [first] = Array.isArray(fields['args']) ? (fields['args'] as { A_Const?: Fields }[]) : [];
  const constant = first?.A_Const;
  if (constant === undefined) return null;
  const text = (constant['sval'] as { sval?: string } | undefined)?.sval;
  const number = constant['ival'] as { ival?: number } | undefined;
  return text ?? (number === undefined ? null : String(number.ival ?? 0));
}

function discardFindings(kind: string, fields: Fields): Finding[] {
  if (kind !== 'DiscardStmt' || fields['target'] !== 'DISCARD_ALL') return [];
  return [
    {
      message: 'DISCARD ALL would drop the lock on the target and every guard of the session.',
      hint: 'Take it out: the session is put back in order after each file anyway.',
    },
  ];
}

const UNLOCKS = new Set(['pg_advisory_unlock', 'pg_advisory_unlock_all', 'pg_advisory_unlock_shared']);

function unlockFindings(names: TreeNames): Finding[] {
  const found = [...names.functions].filter((name) => UNLOCKS.has(name));
  return found.map((name) => ({
    message: `${name}() could drop the lock that keeps other runs off this target.`,
    hint: 'Use pg_advisory_xact_lock for a lock of the file’s own: it is let go at commit, without a call.',
  }));
}

const LEDGER_SCHEMA = 'postgres_manager';
/** Statements that change what their `relation` names, and read all else. */
const CHANGES = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);
/** Statements that read what they name, but for what they make: that stands in another field. */
const READS = new Set(['SelectStmt', 'ViewStmt', 'CreateTableAsStmt', ...CHANGES]);

/** Whether a statement changes or makes something in the ledger's schema, also deep inside: `WITH gone AS (DELETE …) …`. */
function writesToLedger(kind: string, fields: Fields): boolean {
  let found = isLedgers(fields[CHANGES.has(kind) ? 'relation' : 'view']);
  const look = (inner: string, below: Fields): void => {
    if (CHANGES.has(inner)) found ||= isLedgers(below['relation']);
  };
  visitNodes(fields, look);
  // SELECT … INTO and CREATE TABLE … AS.
  for (const into of [fields['into'], fields['intoClause']]) found ||= isLedgers((into as Fields | undefined)?.['rel']);
  return found;
}

function isLedgers(relation: unknown): boolean {
  return (relation as { schemaname?: string } | undefined)?.schemaname === LEDGER_SCHEMA;
}

/** DROP holds its names as lists of strings; ALTER SCHEMA names the schema itself. */
function changesLedgerSchema(kind: string, fields: Fields): boolean {
  if (kind === 'RenameStmt') return fields['renameType'] === 'OBJECT_SCHEMA' && fields['subname'] === LEDGER_SCHEMA;
  if (kind === 'AlterOwnerStmt') {
    return fields['objectType'] === 'OBJECT_SCHEMA' && nameParts([fields['object']])[0] === LEDGER_SCHEMA;
  }
  if (kind !== 'DropStmt' || !Array.isArray(fields['objects'])) return false;
  return fields['objects'].some((object: unknown) => {
    const parts = nameParts((object as { List?: { items?: unknown } }).List?.items ?? [object]);
    const isSchema = fields['removeType'] === 'OBJECT_SCHEMA';
    return isSchema ? parts[0] === LEDGER_SCHEMA : parts.slice(0, -1).includes(LEDGER_SCHEMA);
  });
}

function ledgerFindings(kind: string, fields: Fields, names: TreeNames): Finding[] {
  const named = names.relations.some((relation) => relation.schema === LEDGER_SCHEMA);
  const reads = kind === 'CommentStmt' || (READS.has(kind) && !writesToLedger(kind, fields));
  if (!(named && !reads) && !changesLedgerSchema(kind, fields)) return [];
  return [
    {
      message: 'The schema postgres_manager holds the ledger; a file must not change it.',
      hint: 'Take the statement out. Use `postgres-manager resolve` or `baseline` to settle what is applied.',
    },
  ];
}
