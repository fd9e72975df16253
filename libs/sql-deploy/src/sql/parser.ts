import type { Node } from '@pgsql/types';
import { decodeUtf8 } from './chunk-text.ts';
import { loadPgQuery, type PgQuery } from '../wasm/pg-query.ts';

/** One node of the syntax tree: its kind, and its fields as libpg-query gives them. */
export type TreeNode = Node;

/** A statement as the server's own parser sees it. Offsets are bytes into the text that was parsed. */
export interface ParsedStatement {
  readonly node: TreeNode;
  /** Where the statement begins, leading comments and white space included. */
  readonly start: number;
  /** One past its last byte, the semicolon excluded. */
  readonly end: number;
}

export type ParseOutcome =
  | { readonly ok: true; readonly statements: readonly ParsedStatement[] }
  | {
      readonly ok: false;
      readonly message: string;
      /** 0-based, in characters (code points) of the text; null where the parser names no place. */
      readonly characterOffset: number | null;
    };

export type Parse = (text: string, byteLength: number) => ParseOutcome;

/**
 * Loads the parser of PostgreSQL 18 (libpg-query, WebAssembly).
 * It costs tens of milliseconds and tens of megabytes, so nothing that has no SQL to judge loads it.
 */
export async function loadParser(): Promise<Parse> {
  const pgQuery = await loadPgQuery();
  return (text, byteLength) => {
    // The parser knows no empty text; nothing but white space is no statement.
    if (text.trim() === '') return { ok: true, statements: [] };
    const input = copyIn(pgQuery, text);
    const result = pgQuery.parse(input);
    try {
      return readResult(pgQuery, result, byteLength);
    } finally {
      pgQuery.free(input);
      pgQuery.freeResult(result);
    }
  };
}

const encoder = new TextEncoder();

/** Puts a text into the parser's memory, with a NUL at its end. @returns where it is; to be freed */
function copyIn(pgQuery: PgQuery, text: string): number {
  const length = Buffer.byteLength(text);
  const pointer = pgQuery.allocate(length + 1);
  // Looked up after the allocation, which may have moved the memory.
  encoder.encodeInto(text, pgQuery.HEAPU8.subarray(pointer, pointer + length));
  pgQuery.HEAPU8[pointer + length] = 0;
  return pointer;
}

/** A PgQueryParseResult: pointers to the tree as JSON, to what it wrote to stderr, and to a PgQueryError. */
function readResult(pgQuery: PgQuery, result: number, byteLength: number): ParseOutcome {
  const field = (struct: number, index: number): number => pgQuery.HEAPU32[struct / 4 + index] ?? 0;
  const error = field(result, 2);
  if (error !== 0) {
    // A PgQueryError: message, function, file, line, and the place, which counts from 1; 0 is none.
    const offset = field(error, 4) - 1;
    return {
      ok: false,
      message: textAt(pgQuery, field(error, 0)),
      characterOffset: offset < 0 ? null : offset,
    };
  }
  const tree = JSON.parse(textAt(pgQuery, field(result, 0))) as ParseTree;
  return { ok: true, statements: (tree.stmts ?? []).flatMap((raw) => toStatement(raw, byteLength)) };
}

/** The text at a place, up to the NUL that ends it. */
function textAt({ HEAPU8 }: PgQuery, pointer: number): string {
  return decodeUtf8(HEAPU8.subarray(pointer, HEAPU8.indexOf(0, pointer)));
}

interface RawStatement {
  readonly stmt?: TreeNode;
  readonly stmt_location?: number;
  readonly stmt_len?: number;
}

interface ParseTree {
  readonly stmts?: readonly RawStatement[];
}

function toStatement(raw: RawStatement, byteLength: number): ParsedStatement[] {
  if (raw.stmt === undefined) return [];
  const start = raw.stmt_location ?? 0;
  // A missing length means: to the end of the text.
  const end = raw.stmt_len ? start + raw.stmt_len : byteLength;
  return [{ node: raw.stmt, start, end }];
}
