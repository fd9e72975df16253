import type { BundleFile } from '../bundle/bundle.ts';
import { decodeChunk } from '../sql/chunk-text.ts';
import { loadParser } from '../sql/parser.ts';
import type { ByteRange } from '../sql/split-statements.ts';
import { namesIn } from '../sql/tree.ts';
import type { Session } from '../target/session.ts';
import { literal, qualified } from '../target/sql-text.ts';

/**
 * Who holds a lock on one of the tables a statement names, for a person to look up: asked right after the
 * statement gave up waiting.
 * @param statement from the statement's first byte; what follows it does not count
 * @returns null when nobody does any more
 */
export async function findBlocker(session: Session, file: BundleFile, statement: ByteRange): Promise<string | null> {
  const names = await relationNames(file, statement);
  if (names.length === 0) return null;
  const list = names.map((name) => `pg_catalog.to_regclass(${literal(name)})`).join(', ');
  const [relation, mode, pid, application, user, seconds] = await session.row(`
    SELECT l.relation::regclass, l.mode, l.pid, a.application_name, a.usename,
           pg_catalog.round(extract(epoch from pg_catalog.clock_timestamp() - a.xact_start))
    FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
    WHERE l.granted AND l.pid <> pg_catalog.pg_backend_pid() AND l.relation IN (${list})
      AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
    ORDER BY a.xact_start NULLS LAST LIMIT 1`);
  if (pid === undefined || pid === null) return null;
  const app = application === '' || application == null ? 'no application name' : application;
  return `backend ${pid} (${app}, user ${user ?? 'unknown'}) holds ${mode} on ${relation}, its transaction is open for ${seconds ?? '?'} s`;
}

async function relationNames(file: BundleFile, statement: ByteRange): Promise<string[]> {
  const parse = await loadParser();
  const outcome = parse(decodeChunk(file.bytes, statement), statement.end - statement.start);
  if (!outcome.ok) return [];
  const names = new Set<string>();
  for (const { node } of outcome.statements.slice(0, 1)) {
    for (const relation of namesIn(node).relations) names.add(qualified(relation));
  }
  return [...names].slice(0, 20);
}
