import type { BundleFile } from '../bundle/bundle.ts';
import type { Problem } from '../validate/problem.ts';
import type { TreeNode } from './parser.ts';
import type { Statement } from './script.ts';
import { positionAtByte } from './source-position.ts';
import type { ByteRange } from './split-statements.ts';
import { openNode } from './tree.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Bracket {
  readonly place: ByteRange;
  readonly kind: string;
  readonly fields: Fields;
  /** How many statements, brackets included, stood before it. */
  readonly index: number;
}

const OPENING = new Set(['TRANS_STMT_BEGIN', 'TRANS_STMT_START']);
const SAVEPOINTS = new Set(['TRANS_STMT_SAVEPOINT', 'TRANS_STMT_RELEASE', 'TRANS_STMT_ROLLBACK_TO']);
const PREPARED = new Set(['TRANS_STMT_COMMIT_PREPARED', 'TRANS_STMT_ROLLBACK_PREPARED']);

/**
 * Rule transaction-control: one BEGIN as the first and one COMMIT as the last statement are the step's own
 * transaction, under which the ledger row commits too; any other would tear file and ledger apart.
 */
export class TransactionBrackets {
  readonly #file: BundleFile;
  readonly #brackets: Bracket[] = [];
  readonly #savepoints: Bracket[] = [];
  #seen = 0;

  constructor(file: BundleFile) {
    this.#file = file;
  }

  /** @returns true when the statement is transaction control and is not to be run as it stands */
  take(node: TreeNode, place: ByteRange): boolean {
    const index = this.#seen++;
    const [kind, fields] = openNode(node);
    if (kind !== 'TransactionStmt') return false;
    const bracket = { place, kind: String(fields['kind']), fields, index };
    if (PREPARED.has(bracket.kind)) return false;
    if (SAVEPOINTS.has(bracket.kind)) {
      this.#savepoints.push(bracket);
      return false;
    }
    this.#brackets.push(bracket);
    return true;
  }

  /** @param bare the first statement that can't run inside a transaction, if there is one */
  finish(bare: Statement | null): { blanks: ByteRange[]; options: string; problems: Problem[] } {
    const [first, last] = this.#brackets;
    if (first === undefined) return { blanks: [], options: '', problems: this.#savepointProblems(bare) };
    const outermost =
      this.#brackets.length === 2 && last !== undefined && this.#isWholeFile(first, last) && bare === null;
    if (!outermost) {
      const offending = this.#brackets.length === 2 && bare !== null ? [first] : this.#brackets;
      return { blanks: [], options: '', problems: offending.map((bracket) => this.#problem(bracket, bare)) };
    }
    const readOnly = optionValues(first.fields).get('transaction_read_only') === true;
    return {
      blanks: [first.place, last.place],
      options: optionsText(first.fields),
      problems: readOnly ? [this.#readOnlyProblem(first)] : [],
    };
  }

  #isWholeFile(first: Bracket, last: Bracket): boolean {
    return (
      first.index === 0 &&
      last.index === this.#seen - 1 &&
      OPENING.has(first.kind) &&
      last.kind === 'TRANS_STMT_COMMIT' &&
      last.fields['chain'] !== true
    );
  }

  #savepointProblems(bare: Statement | null): Problem[] {
    if (bare === null) return [];
    return this.#savepoints.map(({ place }) =>
      this.#at(
        place,
        'A savepoint needs a transaction, and this file runs outside one.',
        'Take the savepoint out, or put the statements that can share a transaction into a file of their own.',
      ),
    );
  }

  #problem(bracket: Bracket, bare: Statement | null): Problem {
    if (bare !== null) {
      const { line } = positionAtByte(this.#file.bytes, bare.start);
      return this.#at(
        bracket.place,
        `This file opens a transaction, but its statement on line ${line} cannot run inside one.`,
        'Take BEGIN and COMMIT out, or move that statement into a file of its own.',
      );
    }
    const word = bracket.kind.replace('TRANS_STMT_', '').replace('PREPARE', 'PREPARE TRANSACTION');
    return this.#at(
      bracket.place,
      `${word} is not allowed here: a file and its ledger row are committed together, and this would part them.`,
      'Every file runs in a transaction of its own. Take this out, or split the file; one BEGIN as its first and one COMMIT as its last statement are fine.',
    );
  }

  #readOnlyProblem(bracket: Bracket): Problem {
    return this.#at(
      bracket.place,
      'A READ ONLY transaction cannot take the ledger row.',
      'Take READ ONLY out of the BEGIN.',
    );
  }

  #at(place: ByteRange, message: string, hint: string): Problem {
    const { line, column, sourceLine } = positionAtByte(this.#file.bytes, place.start);
    return { rule: 'transaction-control', path: this.#file.path, line, column, message, hint, sourceLine };
  }
}

/** The options of a BEGIN: isolation level, read only, deferrable. */
function optionValues(fields: Fields): Map<string, string | boolean> {
  const values = new Map<string, string | boolean>();
  for (const item of Array.isArray(fields['options']) ? fields['options'] : []) {
    const { defname, arg } = (item as { DefElem: { defname: string; arg?: { A_Const?: Fields } } }).DefElem;
    const text = (arg?.A_Const?.['sval'] as { sval?: string } | undefined)?.sval;
    const number = (arg?.A_Const?.['ival'] as { ival?: number } | undefined)?.ival;
    values.set(defname, text ?? number === 1);
  }
  return values;
}

const ISOLATION_LEVELS = new Set(['read uncommitted', 'read committed', 'repeatable read', 'serializable']);

function optionsText(fields: Fields): string {
  const values = optionValues(fields);
  const isolation = values.get('transaction_isolation');
  const level = typeof isolation === 'string' ? isolation.toLowerCase() : '';
  const parts = ISOLATION_LEVELS.has(level) ? [`ISOLATION LEVEL ${level.toUpperCase()}`] : [];
  if (values.get('transaction_deferrable') === true) parts.push('DEFERRABLE');
  return parts.length === 0 ? '' : ` ${parts.join(', ')}`;
}
