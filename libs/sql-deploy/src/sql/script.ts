import type { Problem } from '../validate/problem.ts';
import type { ByteRange } from './split-statements.ts';
import type { StatementFacts } from './statement-facts.ts';

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
