import type { Mode } from '../bundle/bundle.ts';
import { SqlDeployError } from '../errors.ts';
import { connect } from '../target/connect.ts';
import { factsSql, type LockAttempt, readFacts, type TargetFacts, toFacts, withRights } from '../target/facts.ts';
import { guard } from '../target/guards.ts';
import {
  completeLedger,
  isSameTarget,
  LEDGER_SQL,
  type LedgerContents,
  type LedgerRows,
  readLedger,
} from '../target/ledger.ts';
import { pinnedSettings, pinSql } from '../target/pinned-settings.ts';
import { waitForLock } from '../target/lock.ts';
import { isServerError } from '../target/server-error.ts';
import { assertRunId, sessionName } from '../target/session-name.ts';
import type { Session } from '../target/session.ts';
import type { TargetOptions } from './options.ts';

/** A target that may be worked on: connected, guarded, locked unless only read, its ledger known. */
export interface OpenTarget {
  readonly session: Session;
  readonly facts: TargetFacts;
  readonly contents: LedgerContents;
  /** One SELECT that puts the pinned settings back. */
  readonly pinSql: string;
}

/**
 * Connects, guards, takes the lock and reads the ledger. On any failure the connection is closed again.
 * @param mode which folder is asked about, for whether the target must be new
 * @param readsOnly takes no lock and refuses nothing that only a change would need
 * @throws SqlDeployError with what is in the way; RangeError for a run id that can't be one
 */
export async function openTarget(options: TargetOptions, mode: Mode, readsOnly: boolean): Promise<OpenTarget> {
  assertRunId(options.runId);
  const session = await connect(options);
  try {
    const attempt = { throughPooler: options.acceptPooler === true, sessionName: sessionName(options.runId ?? null) };
    const { facts, ledger } = await readFirst(session, readsOnly ? null : attempt, options);
    guard(facts, session, options, readsOnly);
    guardExpected(facts, options);
    options.onEvent?.({
      type: 'connected',
      serverVersion: facts.serverVersion,
      database: facts.database,
      user: facts.user,
      systemIdentifier: facts.systemIdentifier,
      backendPid: facts.backendPid,
    });
    const pins = pinSql(pinnedSettings(options, facts.searchPath));
    const mayGoOn = readsOnly || facts.gotLock;
    const current = mayGoOn ? facts : await factsAfterWait(session, facts, pins, options);
    const contents =
      mayGoOn && ledger !== null
        ? await completeLedger(session, facts, mode, ledger)
        : await readLedger(session, current, mode, pins);
    guardIdentity(contents, current, options);
    return { session, facts: { ...current, synchronousCommit: facts.synchronousCommit }, contents, pinSql: pins };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/**
 * The first that is asked of a target. Where a ledger is known to be there, it is read in the same round trip, and the
 * settings are pinned; where it is gone meanwhile, that is found out by one trip more.
 */
async function readFirst(
  session: Session,
  attempt: LockAttempt | null,
  options: TargetOptions,
): Promise<{ facts: TargetFacts; ledger: LedgerRows | null }> {
  if (options.hasLedger === true) {
    const texts = [factsSql(session, attempt), pinSql(pinnedSettings(options, null)), LEDGER_SQL];
    try {
      const [row, , ...ledger] = await withRights(session, () => session.rows(texts.join(';\n')));
      return { facts: await toFacts(session, row?.[0] ?? []), ledger };
    } catch (error) {
      // 42P01 undefined_table, 3F000 invalid_schema_name
      if (!isServerError(error) || !['42P01', '3F000'].includes(error.code)) throw error;
    }
  }
  return { facts: await readFacts(session, attempt), ledger: null };
}

function guardExpected(facts: TargetFacts, { expectIdentity, acceptIdentity }: TargetOptions): void {
  if (expectIdentity === undefined || acceptIdentity === true) return;
  const { systemIdentifier, database } = expectIdentity;
  const sameSystem =
    systemIdentifier === null || facts.systemIdentifier === null || systemIdentifier === facts.systemIdentifier;
  if (sameSystem && (database === null || database === facts.database)) return;
  throw new SqlDeployError(
    'wrong_database',
    `This is not the database that was found at this address before: that was ${database ?? 'unknown'} of system ${systemIdentifier ?? 'unknown'}, and this is ${facts.database} of system ${facts.systemIdentifier ?? 'unknown'}. Nothing was changed.`,
    'Check that the DSN names the database you mean. If it does, and it was moved, restored or upgraded on purpose, say so with acceptIdentity.',
  );
}

/** While waiting for the lock its holder may have made the ledger. */
async function factsAfterWait(
  session: Session,
  facts: TargetFacts,
  pins: string,
  options: TargetOptions,
): Promise<TargetFacts> {
  // Pinned before the wait: it is not to be ended for being idle.
  await session.run(pins);
  await waitForLock(session, options);
  return { ...(await readFacts(session, null)), searchPath: facts.searchPath };
}

function guardIdentity({ identity }: LedgerContents, facts: TargetFacts, options: TargetOptions): void {
  if (isSameTarget(identity, facts) || options.acceptIdentity === true) return;
  throw new SqlDeployError(
    'wrong_database',
    `The ledger in this database was made in another one: database ${identity?.database} of system ${identity?.systemIdentifier ?? 'unknown'}, and this is ${facts.database} of system ${facts.systemIdentifier ?? 'unknown'}. It is a copy, or was renamed or upgraded. Nothing was changed.`,
    'Check that the DSN names the database you mean. If it does, --accept-identity makes the ledger this database’s own.',
  );
}
