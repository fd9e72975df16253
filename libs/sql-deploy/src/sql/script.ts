import type { BundleFile } from '../bundle/bundle.ts';
import type { Problem } from '../validate/problem.ts';
import { bomLength, decodeChunk, locate } from './chunk-text.ts';
import { loadParser, type Parse } from './parser.ts';
import { ScriptBuilder } from './script-builder.ts';
import { type ByteRange, cutIntoChunks } from './split-statements.ts';
import type { StatementFacts } from './statement-facts.ts';
import { syntaxProblem } from './syntax-problem.ts';

/** One statement of a file. Offsets are bytes; `start` is its first word, comments before it excluded. */
export interface Statement extends ByteRange {
  readonly facts: StatementFacts;
}

/** Whole statements that are sent to the server in one text. */
export interface Chunk extends ByteRange {
  readonly statementCount: number;
}

/** What the parser knows of a file, as far as executing it needs. */
export interface Script {
  readonly chunks: readonly Chunk[];
  readonly statementCount: number;
  /** False when a statement can't run inside a transaction, or the file's header says so. */
  readonly transactional: boolean;
  /** The statements, for a non-transactional file; a transactional one runs by chunks. */
  readonly statements: readonly Statement[];
  /** Nothing in it changes the session or runs code that could. */
  readonly neutral: boolean;
  /** It reads or writes rows, and so may use sequences. */
  readonly hasData: boolean;
  /** It prepares statements, or runs code that could. */
  readonly mayPrepare: boolean;
  /** It runs code that the parser can't see into. */
  readonly opaque: boolean;
  /** What the file's own BEGIN asks for: ` ISOLATION LEVEL SERIALIZABLE`; mostly empty. */
  readonly transactionOptions: string;
  /** Byte ranges of the file's own BEGIN and COMMIT: sent as blanks, for the step's transaction takes their place. */
  readonly blanks: readonly ByteRange[];
  /** It names `tbl_deployments`, so its being there may change with this file. */
  readonly namesLegacyTable: boolean;
  readonly problems: readonly Problem[];
}

/** The size of the pieces a file is parsed in, in bytes: the tree takes a hundred times the memory of its text. */
const PARSED_BYTES = 8 * 1024;

/** Reads scripts, each file once. */
export class ScriptReader {
  readonly #scripts = new Map<string, Script>();
  #parse: Parse | null = null;

  /** @param file a `.sql` file of valid UTF-8 */
  async read(file: BundleFile): Promise<Script> {
    const key = `${file.path}\0${file.sha256}`;
    let script = this.#scripts.get(key);
    if (script === undefined) {
      this.#parse ??= await loadParser();
      script = await readScript(file, this.#parse);
      this.#scripts.set(key, script);
    }
    return script;
  }
}

async function readScript(file: BundleFile, parse: Parse): Promise<Script> {
  const builder = new ScriptBuilder(file);
  const pieces = cutIntoChunks(file.bytes, PARSED_BYTES);
  for (const [index, range] of pieces.entries()) {
    // Parsing blocks: a large file must not keep signals from being heard.
    if (index > 0 && index % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
    const text = decodeChunk(file.bytes, range);
    const outcome = parse(text, range.end - range.start - bomLength(file.bytes, range));
    if (!outcome.ok) return builder.withSyntaxProblem(syntaxProblem(file, range, text, outcome));
    builder.add(range, outcome.statements);
  }
  return builder.build();
}

/**
 * The statements of one chunk, with their places in the file.
 * Used when a place is needed after the fact; chunks keep no list, so that a large file costs no memory.
 */
export async function statementsOfChunk(file: BundleFile, range: ByteRange): Promise<ByteRange[]> {
  const parse = await loadParser();
  const outcome = parse(decodeChunk(file.bytes, range), range.end - range.start - bomLength(file.bytes, range));
  return outcome.ok ? outcome.statements.map((statement) => locate(file.bytes, range, statement)) : [];
}
