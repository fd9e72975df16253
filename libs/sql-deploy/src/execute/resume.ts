import { evidenceOf } from '../plan/evidence.ts';
import type { IntentRow } from '../plan/ledger-state.ts';
import { positionAtByte } from '../sql/source-position.ts';
import { plainFailure, RunStopped } from './failure.ts';
import { dropIndex, findIndex, findIndexOfTable } from './index-state.ts';
import { doneDigest } from './intent.ts';
import { dropLeftovers, readMark } from './reindex-leftovers.ts';
import type { RunContext, Step } from './run-context.ts';

/**
 * Finds out where an interrupted non-transactional file goes on.
 * @returns the statement (from 0) to run next
 * @throws RunStopped needs_attention when the catalog can't tell what became of the statement under way
 */
export async function resumeAt(run: RunContext, step: Step, intent: IntentRow): Promise<number> {
  const { session } = run;
  const { file, script } = step;
  const { statementsDone, statementRunning } = intent;
  if (doneDigest(file, script.statements, statementsDone) !== intent.doneSha256) {
    throw needsAttention(step, intent, 'The statements that are done have been changed in the file since');
  }
  if (statementRunning === null) return statementsDone;
  const index = statementRunning - 1;
  const statement = script.statements[index];
  if (statement === undefined || (intent.sha256 !== file.sha256 && statement.facts.interruption.type !== 'index')) {
    throw needsAttention(step, intent, 'The file was changed since');
  }
  const { interruption } = statement.facts;
  switch (interruption.type) {
    case 'rerun':
      return index;
    case 'reindex': {
      const mark = await readMark(run, step);
      run.reindexMarks.set(file.path, mark);
      await dropLeftovers(run, step, interruption.relation, mark);
      return index;
    }
    case 'index': {
      const found = await findIndexOfTable(session, interruption.table, interruption.index);
      if (found.state === 'valid') return index + 1;
      // Ours to drop: the intent says that the index was not there when this statement began.
      await dropIndex(session, found);
      return index;
    }
    case 'drop-index': {
      let gone = 0;
      for (const name of interruption.indexes) if ((await findIndex(session, name)).state === 'absent') gone++;
      if (gone === interruption.indexes.length) return index + 1;
      if (gone === 0) return index;
      throw needsAttention(step, intent, 'Some of the indexes it drops are gone and some are there');
    }
    case 'person': {
      const { line } = positionAtByte(file.bytes, statement.start);
      throw needsAttention(
        step,
        intent,
        `Whether the statement on line ${line} took effect cannot be told from outside`,
      );
    }
  }
}

/** The words for a step that only a person can settle: what is known, what isn't, and the one command. */
export function needsAttention(step: Step, intent: IntentRow, unknown: string): RunStopped {
  const { file, script } = step;
  const running = intent.statementRunning === null ? '' : `, and statement ${intent.statementRunning} was under way`;
  return new RunStopped('needs_attention', {
    ...plainFailure(
      'unfinished_step',
      `${file.path} was begun at ${intent.startedAt} and interrupted: ${intent.statementsDone} of its ${script.statements.length} statements are done${running}. ${unknown}. Nothing was run now.`,
      settleHint(file.path),
      file.path,
    ),
    evidence: evidenceOf(intent, script.statements.length, unknown),
  });
}

/** What a person does about a step that only a person can judge. */
export function settleHint(path: string): string {
  return `Look at the target. If the file’s work is all there: postgres-manager resolve ${path} --applied. If not, undo what is there of it, then: postgres-manager resolve ${path} --not-applied, and run again.`;
}
