import { dsnFault } from './dsn-fault.ts';
import { type DsnFields, FieldCollector } from './dsn-parameters.ts';

const QUOTING_HINT =
  "Write name=value pairs with spaces between them. A value with spaces or quotation marks stands in single quotes, with \\' and \\\\ inside: password='it\\'s'.";

const PAIR_START = /\s*([^\s=]+)\s*=\s*/y;
const QUOTED_VALUE = /'((?:[^'\\]|\\[\s\S])*)'(?=\s|$)/y;
const PLAIN_VALUE = /(?:[^\s\\]|\\[\s\S])*(?=\s|$)/y;

/** Reads `host=… dbname=…` by the rules of libpq (PostgreSQL manual, 34.1.1.1). */
export function readKeywordDsn(text: string): DsnFields {
  const collector = new FieldCollector();
  let at = 0;
  while (at < text.length) {
    const start = matchAt(PAIR_START, text, at);
    if (start === null) throw dsnFault('The DSN has a word in it that is no name=value pair', QUOTING_HINT);
    const valueAt = at + start[0].length;
    const quoted = text[valueAt] === "'";
    const value = matchAt(quoted ? QUOTED_VALUE : PLAIN_VALUE, text, valueAt);
    if (value === null) {
      throw dsnFault(
        quoted
          ? 'A quoted value of the DSN is not ended, or something follows its end'
          : 'A value of the DSN ends in a backslash',
        QUOTING_HINT,
      );
    }
    collector.add(start[1] ?? '', (quoted ? (value[1] ?? '') : value[0]).replace(/\\([\s\S])/g, '$1'));
    at = valueAt + value[0].length;
  }
  return collector.fields;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
