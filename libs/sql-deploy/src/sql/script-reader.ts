import type { BundleFile } from '../bundle/bundle.ts';
import { bomLength, decodeChunk, locate } from './chunk-text.ts';
import { loadParser, type Parse } from './parser.ts';
import { ScriptBuilder } from './script-builder.ts';
import type { ScriptCache } from './script-cache.ts';
import { type ByteRange, cutIntoChunks } from './split-statements.ts';
import { syntaxProblem } from './syntax-problem.ts';
import type { Script } from './script.ts';

/** The size of the pieces a file is parsed in, in bytes: the tree takes a hundred times the memory of its text. */
const PARSED_BYTES = 8 * 1024;

/** Reads scripts, each file once. */
export class ScriptReader {
  readonly #scripts = new Map<string, Script>();
  readonly #cache: ScriptCache | null;
  #parse: Parse | null = null;

  /** @param cache what other readers of this process know already */
  constructor(cache: ScriptCache | null = null) {
    this.#cache = cache;
  }

  /** @param file a `.sql` file of valid UTF-8 */
  async read(file: BundleFile): Promise<Script> {
    const key = `${file.path}\0${file.sha256}`;
    let script = this.#scripts.get(key);
    if (script === undefined) {
      script = await (this.#cache === null ? this.#read(file) : this.#cache.get(file, () => this.#read(file)));
      this.#scripts.set(key, script);
    }
    return script;
  }

  async #read(file: BundleFile): Promise<Script> {
    this.#parse ??= await loadParser();
    return readScript(file, this.#parse);
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
