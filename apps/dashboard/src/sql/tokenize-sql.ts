import { KEYWORDS, TYPES } from './keywords.ts';

/** What a piece of SQL is; `plain` is all that is not set apart. */
export type TokenKind = 'plain' | 'keyword' | 'type' | 'string' | 'number' | 'comment' | 'quoted' | 'dollar';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

/**
 * The pieces at which reading stops (manual, 4.1). Each begins where the last one ended; none can run for longer than
 * the text is long. Block comments nest, so only their beginning stands here.
 */
const PIECE =
  /--[^\n]*|\/\*|[eE]'(?:[^'\\]|\\[^]|'')*'?|(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*'?|(?:[uU]&)?"(?:[^"]|"")*"?|\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$|[\p{L}_][\p{L}\p{N}_$]*|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?|\s+|[^]/uy;

/** Bodies of functions are SQL of their own kind, and shown so, unless they hold another body. */
const DELIMITER = /^\$.*\$$/s;

/**
 * Takes SQL apart for showing it in colours: every character of the text is in one of the tokens, in order, whatever
 * the text is. What is not closed runs to the end, as the server would read it.
 */
export function tokenizeSql(text: string): Token[] {
  const tokens: Token[] = [];
  const add = (kind: TokenKind, piece: string): void => {
    const last = tokens.at(-1);
    // Neighbours of one kind are one token: there are fewer things to draw.
    if (last?.kind === kind) tokens[tokens.length - 1] = { kind, text: last.text + piece };
    else tokens.push({ kind, text: piece });
  };
  let at = 0;
  while (at < text.length) {
    PIECE.lastIndex = at;
    let piece = PIECE.exec(text)?.[0] ?? text.slice(at);
    if (piece === '/*') piece = text.slice(at, endOfComment(text, at));
    add(kindOf(piece), piece);
    at += piece.length;
  }
  return tokens;
}

function kindOf(piece: string): TokenKind {
  if (piece.startsWith('--') || piece.startsWith('/*')) return 'comment';
  if (piece.length > 1 && DELIMITER.test(piece)) return 'dollar';
  if (/^(?:[uU]&)?"/.test(piece)) return 'quoted';
  if (/^(?:[eEbBxXnN]|[uU]&)?'/.test(piece)) return 'string';
  if (/^\.?\d/.test(piece)) return 'number';
  const word = piece.toLowerCase();
  if (KEYWORDS.has(word)) return 'keyword';
  return TYPES.has(word) ? 'type' : 'plain';
}

function endOfComment(text: string, start: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return text.length;
}

/** Tokens of each line, without the ends of lines; a token that runs over several is in each of them. */
export function sqlLines(text: string): Token[][] {
  const lines: Token[][] = [[]];
  for (const { kind, text: piece } of tokenizeSql(text)) {
    for (const [index, part] of piece.split('\n').entries()) {
      if (index > 0) lines.push([]);
      if (part !== '') lines.at(-1)?.push({ kind, text: part });
    }
  }
  return lines;
}
