import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/**
 * PostgreSQL's parser as libpg-query brings it. The package's own entry compiles when it is imported, and holds the
 * thread meanwhile; here compiling begins when somebody says so, runs beside what the caller does next, and the
 * parser is made of it only when it is needed.
 */

/** The parser's memory, and the functions compiled from C that are used. A pointer is a byte offset into memory. */
export interface PgQuery {
  /** The memory as bytes and as 32-bit numbers. To be looked up after each call: it moves when it grows. */
  readonly HEAPU8: Uint8Array;
  readonly HEAPU32: Uint32Array;
  /** Gives room for so many bytes. */
  allocate(size: number): number;
  free(pointer: number): void;
  /** Takes a text that ends in a NUL; gives a PgQueryParseResult. */
  parse(text: number): number;
  freeResult(result: number): void;
}

/** What the package calls these. */
interface EmscriptenModule extends Pick<PgQuery, 'HEAPU8' | 'HEAPU32'> {
  readonly _malloc: PgQuery['allocate'];
  readonly _free: PgQuery['free'];
  readonly _wasm_parse_query_raw: PgQuery['parse'];
  readonly _wasm_free_parse_result: PgQuery['freeResult'];
}

/** Opaque: compiled, and made ready to run. */
type Compiled = object;
type Instance = object;

/** As Node has it (WebAssembly JavaScript Interface); its types are with those of browsers only. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<Compiled>;
  readonly Instance: new (compiled: Compiled, imports: object) => Instance;
};

type Instantiate = (imports: object, done: (instance: Instance) => void) => void;
type MakeModule = (options: { readonly instantiateWasm: Instantiate }) => Promise<EmscriptenModule>;

const require = createRequire(import.meta.url);
let compiling: Promise<Compiled> | null = null;
let made: Promise<PgQuery> | null = null;

/** Begins to compile the parser, beside whatever else is done. Costs a few milliseconds, and a core for some more. */
export function compilePgQuery(): Promise<Compiled> {
  // Read at once: an asynchronous read would be through only when the caller has nothing else to do.
  if (compiling === null) {
    compiling = WebAssembly.compile(readFileSync(require.resolve('libpg-query/wasm/libpg-query.wasm')));
    // Whoever makes the parser of it is told; until then a fault is nobody's business.
    compiling.catch(() => {});
  }
  return compiling;
}

/** The parser; one for the process. */
export function loadPgQuery(): Promise<PgQuery> {
  made ??= make();
  return made;
}

async function make(): Promise<PgQuery> {
  const compiling = compilePgQuery();
  const makeModule = require('libpg-query/wasm/libpg-query.js') as MakeModule;
  const compiled = await compiling;
  const module = await makeModule({
    instantiateWasm: (imports, done) => done(new WebAssembly.Instance(compiled, imports)),
  });
  return {
    get HEAPU8() {
      return module.HEAPU8;
    },
    get HEAPU32() {
      return module.HEAPU32;
    },
    allocate: module['_malloc'],
    free: module['_free'],
    parse: module['_wasm_parse_query_raw'],
    freeResult: module['_wasm_free_parse_result'],
  };
}
