import { connect, pause } from '../target/connect.ts';
import { readFacts } from '../target/facts.ts';
import { readLedger } from '../target/ledger.ts';
import { ledgerKey } from '../plan/files.ts';
import type { Session } from '../target/session.ts';
import { bearsName } from '../target/session-name.ts';
import { plainFailure, RunStopped } from './failure.ts';
import type { Failure } from './report.ts';
import type { RunContext } from './run-context.ts';
import type { ConnectionLost } from './run-steps.ts';

const RECONNECT_MS = 15_000;
const BACKEND_GONE_MS = 15_000;

/**
 * Finds out what became of a run whose connection broke: waits until its backend is gone, ends it if need be,
 * and reads the ledger. A commit may have reached the server though its answer never came back.
 */
export async function settleLostConnection(run: RunContext, lost: ConnectionLost): Promise<RunStopped> {
  const path = lost.step.file.path;
  let session: Session;
  try {
    session = await connect({ connection: run.options.connection, connectTimeoutMs: RECONNECT_MS });
  } catch {
    return new RunStopped('failed', {
      ...plainFailure(
        'connection_lost',
        `The connection to the database was lost while ${path} ran, and the server cannot be reached to ask what became of it. The files listed as applied are committed; ${path} and those sent together with it may be.`,
        'The ledger in the target knows: once the server is back, `postgres-manager status` shows it, and running again carries on from there.',
        path,
      ),
      outcomeUnknown: true,
    });
  }
  try {
    await waitForBackend(session, run);
    const facts = await readFacts(session, null);
    const { state } = await readLedger(session, facts, run.options.mode);
    // What another deployment has applied since is not this one's doing.
    const ours = state.rows.filter((row) => row.deploymentId === run.group.deploymentId);
    noteApplied(run, new Set(ours.map((row) => ledgerKey(row.folder, row.fileName))), lost);
    const unfinished = state.intents.find((row) => ledgerKey(row.folder, row.fileName) === path);
    return new RunStopped('failed', explain(path, run.applied.includes(path), unfinished !== undefined));
  } finally {
    await session.close();
  }
}

function explain(path: string, applied: boolean, unfinished: boolean): Failure {
  const what = applied
    ? `${path} was committed all the same`
    : unfinished
      ? `${path} is unfinished; which of its statements are done is in the ledger`
      : `${path} was rolled back`;
  return plainFailure(
    'connection_lost',
    `The connection to the database was lost while ${path} ran. The ledger was asked since: ${what}.`,
    'Find out why the server or the network broke off, then run again: it carries on with what is not applied.',
    path,
  );
}

/** The steps of this run that the ledger has, in their order, are applied, whatever was heard of them. */
function noteApplied(run: RunContext, inLedger: ReadonlySet<string>, lost: ConnectionLost): void {
  const known = new Set(run.applied);
  for (const step of lost.steps) {
    if (inLedger.has(step.file.path) && !known.has(step.file.path)) run.applied.push(step.file.path);
  }
}

/**
 * A statement outlives its client until the server notices; only then is the ledger's word final. By its name, because
 * the process id may be that of a successor by now.
 */
async function waitForBackend(session: Session, run: RunContext): Promise<void> {
  const started = performance.now();
  for (let waitMs = 50; ; waitMs = Math.min(waitMs * 2, 1000)) {
    const [alive] = await session.row(`SELECT 1 FROM pg_catalog.pg_stat_activity
      WHERE pid = ${run.facts.backendPid} AND datname = pg_catalog.current_database()
        AND ${bearsName('application_name', run.group.runId)} AND pid <> pg_catalog.pg_backend_pid()`);
    if (alive === undefined) return;
    if (performance.now() - started > BACKEND_GONE_MS) {
      await session.run(`SELECT pg_catalog.pg_terminate_backend(${run.facts.backendPid})`);
    }
    await pause(waitMs, undefined);
  }
}
