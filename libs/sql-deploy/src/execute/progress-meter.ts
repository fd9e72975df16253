import { isoTime } from '../target/ledger.ts';
import type { Group } from './group.ts';

/** Where a group stood when its completions stopped coming in. */
export interface Reached {
  /** Index into the batch of the first group that is not committed. */
  readonly group: number;
  /** Statements of that group's file that are done. */
  readonly statementsDone: number;
  readonly phase: 'not_begun' | 'head' | 'file' | 'tail';
}

/** What the ledger has of a file beside what was given: two fields of the row that entering it gives back. */
export interface EnteredRow {
  /** By the server's clock. */
  readonly durationMs: number;
  /** ISO 8601, UTC. */
  readonly appliedAt: string;
}

/**
 * Follows the completions of a batch: one comes for each statement of the text, in order,
 * so that counting tells which file and which statement is under way.
 */
export class ProgressMeter {
  readonly #groups: readonly Group[];
  /** Groups that are committed, which is the index of the one under way. */
  #committed = 0;
  /** Statements of that one that are done. */
  #completed = 0;
  #entered: EnteredRow[] = [];

  constructor(groups: readonly Group[]) {
    this.#groups = groups;
  }

  /** Takes one completion. @returns which group (from 0) it committed and with which row (null: none was seen), or null */
  complete(): { readonly index: number; readonly row: EnteredRow | null } | null {
    const group = this.#groups[this.#committed];
    if (group === undefined) return null;
    this.#completed++;
    const commitAt = group.headStatements + group.script.statementCount + group.commitIndex + 1;
    const committed = this.#completed === commitAt;
    if (!committed) return null;
    // COMMIT is a group's last statement.
    this.#completed = 0;
    this.#committed++;
    return { index: this.#committed - 1, row: this.#entered[this.#committed - 1] ?? null };
  }

  /** Takes a row; the first one after a file is the ledger's. */
  row(fields: readonly (string | null)[]): void {
    const { phase } = this.reached();
    if (phase === 'tail' && this.#entered.length === this.#committed) {
      this.#entered.push({ durationMs: Number(fields[0]), appliedAt: isoTime(fields[1]) });
    }
  }

  /** The group that is under way, or the last one heard of. */
  get current(): Group | null {
    return this.#groups[this.#committed] ?? null;
  }

  reached(): Reached {
    const group = this.#groups[this.#committed];
    if (group === undefined || this.#completed === 0) {
      return { group: this.#committed, statementsDone: 0, phase: 'not_begun' };
    }
    const inFile = this.#completed - group.headStatements;
    const statements = group.script.statementCount;
    if (inFile < 0) return { group: this.#committed, statementsDone: 0, phase: 'head' };
    if (inFile < statements) return { group: this.#committed, statementsDone: inFile, phase: 'file' };
    return { group: this.#committed, statementsDone: statements, phase: 'tail' };
  }
}
