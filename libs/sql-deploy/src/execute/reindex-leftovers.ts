import type { QualifiedName } from '../sql/interruption.ts';
import { isServerError } from '../target/server-error.ts';
import { literal, qualified } from '../target/sql-text.ts';
import { dropIndex } from './index-state.ts';
import { intentRow } from './intent.ts';
import type { RunContext, Step } from './run-context.ts';

/** The transaction that marked a REINDEX as under way: what is newer than it may be that statement's work. */
export async function readMark(run: RunContext, { file }: Step): Promise<string> {
  const [xmin] = await run.session.row(`SELECT xmin FROM postgres_manager.intent WHERE ${intentRow(file)}`);
  return xmin ?? '0';
}

/**
 * Takes away the indexes that an interrupted REINDEX CONCURRENTLY left: `…_ccnew`, not finished, and `…_ccold`, replaced
 * (PostgreSQL manual, REINDEX, "Rebuilding Indexes Concurrently"). Only invalid ones that came into being after the
 * statement was marked as under way, on a table where nobody builds an index now. What can't be dropped is told.
 */
export async function dropLeftovers(
  run: RunContext,
  step: Step,
  relation: QualifiedName | null,
  mark: string,
): Promise<void> {
  for (const index of await findLeftovers(run, relation, mark)) {
    try {
      await dropIndex(run.session, { state: 'invalid', name: index });
      tell(run, step, 'NOTICE', `dropped the invalid index ${index}, which the interrupted REINDEX left behind`);
    } catch (error) {
      if (!isServerError(error) || run.session.lost !== null) throw error;
      tell(
        run,
        step,
        'WARNING',
        `the invalid index ${index}, which the interrupted REINDEX left behind, could not be dropped (${error.message}): drop it by hand`,
      );
    }
  }
}

async function findLeftovers(run: RunContext, relation: QualifiedName | null, mark: string): Promise<string[]> {
  const [rows] = await run.session.rows(`SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND n.nspname <> 'pg_toast'
      AND pg_catalog.age(c.xmin) < pg_catalog.age(${literal(mark)}::pg_catalog.xid) AND ${onTable(relation)}
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p
        WHERE p.relid = i.indrelid AND p.datname = pg_catalog.current_database())
    ORDER BY 1`);
  return (rows ?? []).map(([name]) => name ?? '');
}

/** The table of the REINDEX or of its index, and the partitions below. */
function onTable(relation: QualifiedName | null): string {
  if (relation === null) return 'true';
  const named = `pg_catalog.to_regclass(${literal(qualified(relation))})`;
  const table = `coalesce((SELECT x.indrelid FROM pg_catalog.pg_index x WHERE x.indexrelid = ${named}), ${named})`;
  return `(i.indrelid = ${table} OR i.indrelid IN (SELECT relid FROM pg_catalog.pg_partition_tree(${table})))`;
}

function tell(run: RunContext, { file }: Step, severity: string, message: string): void {
  run.options.onEvent?.({ type: 'notice', path: file.path, severity, message });
}
