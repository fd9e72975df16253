import type { Node } from '@pgsql/types';

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
  const { hasSqlDetails, loadModule, parseSync } = await import('libpg-query');
  await loadModule();
  return (text, byteLength) => {
    // The parser throws on an empty text; nothing but white space is no statement.
    if (text.trim() === '') return { ok: true, statements: [] };
    try {
      const result = parseSync(text);
      return { ok: true, statements: (result.stmts ?? []).flatMap((raw) => toStatement(raw, byteLength)) };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const offset = hasSqlDetails(error) ? error.sqlDetails?.cursorPosition : undefined;
      return { ok: false, message: error.message, characterOffset: offset === undefined || offset < 0 ? null : offset };
    }
  };
}

function toStatement(
  raw: { stmt?: TreeNode; stmt_location?: number; stmt_len?: number },
  byteLength: number,
): ParsedStatement[] {
  if (raw.stmt === undefined) return [];
  const start = raw.stmt_location ?? 0;
  // A missing length means: to the end of the text.
  const end = raw.stmt_len ? start + raw.stmt_len : byteLength;
  return [{ node: raw.stmt, start, end }];
}
