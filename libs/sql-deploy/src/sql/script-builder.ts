import type { BundleFile } from '../bundle/bundle.ts';
import { fileProblem, type Problem } from '../validate/problem.ts';
import { bomLength, decodeUtf8, locate } from './chunk-text.ts';
import type { ParsedStatement } from './parser.ts';
import type { Chunk, Script, Statement } from './script.ts';
import { sessionEscapeProblems } from './session-escape.ts';
import type { ByteRange } from './split-statements.ts';
import { ALONE_WHEN_ASKED, statementFacts } from './statement-facts.ts';
import { copyProblems } from './syntax-problem.ts';
import { TransactionBrackets } from './transaction-brackets.ts';
import { namesIn, openNode, type TreeNames } from './tree.ts';

/** The most statements a non-transactional file may have: each is marked in the ledger on its own. */
const MAX_LISTED_STATEMENTS = 10_000;

/**
 * The size of the pieces a file is sent in, in bytes: large enough that round trips do not count, small enough that
 * the backend's memory does not grow with the file.
 */
const SENT_BYTES = 128 * 1024;

/** Gathers what the executor and the rules need while a file is parsed piece by piece. */
export class ScriptBuilder {
  readonly #file: BundleFile;
  readonly #asked: boolean;
  readonly #chunks: Chunk[] = [];
  readonly #statements: Statement[] = [];
  readonly #problems: Problem[] = [];
  readonly #brackets: TransactionBrackets;
  #count = 0;
  #bare: Statement | null = null;
  #neutral = true;
  #opaque = false;
  #prepares = false;
  #hasData = false;
  #namesLegacyTable = false;

  constructor(file: BundleFile) {
    this.#file = file;
    this.#asked = asksForNoTransaction(file.bytes);
    this.#brackets = new TransactionBrackets(file);
  }

  /** Takes in the statements of one chunk, in order. */
  add(range: ByteRange, parsed: readonly ParsedStatement[]): void {
    let count = 0;
    for (const { node, start, end } of parsed) {
      const place = locate(this.#file.bytes, range, { node, start, end });
      if (this.#brackets.take(node, place)) continue;
      this.#addStatement(node, place);
      count++;
    }
    this.#addToChunks(range, count);
    this.#count += count;
  }

  #addToChunks(range: ByteRange, statementCount: number): void {
    const last = this.#chunks.at(-1);
    if (last === undefined || range.end - last.start > SENT_BYTES) {
      this.#chunks.push({ ...range, statementCount });
      return;
    }
    const joined = { start: last.start, end: range.end, statementCount: last.statementCount + statementCount };
    this.#chunks[this.#chunks.length - 1] = joined;
  }

  #addStatement(node: ParsedStatement['node'], place: ByteRange): void {
    const names = namesIn(node);
    const facts = statementFacts(node, names);
    const alone = facts.outsideTransaction || (this.#asked && ALONE_WHEN_ASKED.has(facts.kind));
    const statement: Statement = { ...place, facts: { ...facts, outsideTransaction: alone } };
    if (this.#statements.length < MAX_LISTED_STATEMENTS) this.#statements.push(statement);
    if (alone) this.#bare ??= statement;
    this.#neutral &&= facts.neutral;
    this.#opaque ||= facts.opaque;
    this.#hasData ||= facts.isData;
    this.#prepares ||= facts.kind === 'PrepareStmt' || facts.kind === 'DeallocateStmt';
    this.#namesLegacyTable ||= namesLegacyTable(node, names);
    this.#problems.push(...sessionEscapeProblems(this.#file, place, openNode(node), names));
    this.#problems.push(...copyProblems(this.#file, place, openNode(node)));
  }

  /** The script of a file that does not parse: nothing but its problems counts. */
  withSyntaxProblem(problem: Problem): Script {
    // What the unread rest holds is unknown, so a missing COMMIT is no finding.
    return { ...this.build(), problems: [...this.#problems, problem] };
  }

  build(): Script {
    const transactional = this.#bare === null && !this.#asked;
    const brackets = this.#brackets.finish(this.#bare);
    return {
      chunks: this.#chunks,
      statementCount: this.#count,
      transactional,
      statements: transactional ? [] : this.#statements,
      neutral: this.#neutral,
      opaque: this.#opaque,
      hasData: this.#hasData,
      mayPrepare: this.#prepares || (this.#opaque && textIncludes(this.#file, /prepare/i)),
      transactionOptions: brackets.options,
      blanks: brackets.blanks,
      namesLegacyTable: this.#namesLegacyTable || (this.#opaque && textIncludes(this.#file, /tbl_deployments/)),
      problems: [...this.#problems, ...brackets.problems, ...(transactional ? [] : this.#tooManyStatements())],
    };
  }

  /** Those past the limit are not listed, and would never be run. */
  #tooManyStatements(): Problem[] {
    if (this.#count <= MAX_LISTED_STATEMENTS) return [];
    return [
      fileProblem(
        'transaction-control',
        this.#file.path,
        `This file runs outside a transaction and has ${this.#count} statements; ${MAX_LISTED_STATEMENTS} is the most, for each is entered on its own.`,
        'Split the file; what can run inside a transaction belongs into files of its own.',
      ),
    ];
  }
}

/**
 * Whether the comment lines before the first statement hold `-- transactional: false`:
 * the author's word for what the text can't tell (a CALL or DO that commits).
 */
function asksForNoTransaction(bytes: Uint8Array): boolean {
  const begin = bomLength(bytes, { start: 0, end: bytes.length });
  const head = decodeUtf8(bytes.subarray(begin, 4096));
  for (const line of head.split('\n')) {
    const text = line.trim();
    if (text !== '' && !text.startsWith('--')) return false;
    if (/^--\s*transactional:\s*false$/i.test(text)) return true;
  }
  return false;
}

function namesLegacyTable(node: ParsedStatement['node'], names: TreeNames): boolean {
  const [kind] = openNode(node);
  // DROP and RENAME hold names as lists of strings.
  if (kind === 'DropStmt' || kind === 'RenameStmt') return JSON.stringify(node).includes('"tbl_deployments"');
  return names.relations.some((relation) => relation.name === 'tbl_deployments');
}

/** Looks into the text of what the parser can't see into: the body of a DO block, a string that is executed. */
function textIncludes(file: BundleFile, pattern: RegExp): boolean {
  return pattern.test(Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.length).toString('latin1'));
}
