import type { Group } from './group.ts';

/** Where a group stood when its completions stopped coming in. */
export interface Reached {
  /** Index into the batch of the first group that is not committed. */
  readonly group: number;
  /** Statements of that group's file that are done. */
  readonly statementsDone: number;
  readonly phase: 'not_begun' | 'head' | 'file' | 'tail';
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
  #durations: number[] = [];

  constructor(groups: readonly Group[]) {
    this.#groups = groups;
  }

  /** Takes one completion. @returns which group (from 0) it committed, or null */
  complete(): { readonly index: number; readonly durationMs: number } | null {
    const group = this.#groups[this.#committed];
    if (group === undefined) return null;
    this.#completed++;
    const commitAt = group.headStatements + group.script.statementCount + group.commitIndex + 1;
    const committed = this.#completed === commitAt;
    if (!committed) return null;
    // COMMIT is a group's last statement.
    this.#completed = 0;
    this.#committed++;
    return { index: this.#committed - 1, durationMs: this.#durations[this.#committed - 1] ?? 0 };
  }

  /** Takes a row; the ledger's own tells how long the file took, in milliseconds by the server's clock. */
  row(fields: readonly (string | null)[]): void {
    const { phase } = this.reached();
    if (phase === 'tail' && this.#durations.length === this.#committed) {
      this.#durations.push(Number(fields[0]));
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
