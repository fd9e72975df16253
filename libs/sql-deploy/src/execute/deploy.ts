import type { Folder, Mode } from '../bundle/bundle.ts';
import { isStop, type Plan, plan } from '../plan/plan.ts';
import { checkScripts } from '../sql/check-script.ts';
import { ScriptReader } from '../sql/script-reader.ts';
import { entrySql, inTransaction, isSameTarget, prepareLedger, readEntries } from '../target/ledger.ts';
import { compilePgQuery } from '../wasm/pg-query.ts';
import { validate, validateStructure } from '../validate/validate.ts';
import { Cancellation } from './cancellation.ts';
import { appliedByDeployment } from './applied-by-deployment.ts';
import { ledgerKey } from '../plan/files.ts';
import { carryOutResolution } from './carry-out-resolution.ts';
import { asStopped, plainFailure, RunStopped } from './failure.ts';
import { prepareEnterSql } from './group.ts';
import { openTarget, type OpenTarget } from './open-target.ts';
import { DEFAULT_LOCK_TIMEOUT_MS } from '../target/pinned-settings.ts';
import type { DeployOptions } from './options.ts';
import type { LedgerReport, Report } from './report.ts';
import { RunRecord } from './run-record.ts';
import type { RunContext, Step } from './run-context.ts';
import { ConnectionLost, runSteps } from './run-steps.ts';
import { flush } from './settle-target.ts';
import { settleLostConnection } from './settle-lost-connection.ts';

/**
 * Brings one bundle to one target in one mode: validates, connects, takes the lock, plans from the ledger,
 * runs file by file, and tells what is true afterwards.
 *
 * A file whose very bytes the ledger has is not parsed again; all else is judged before anything is changed.
 * @returns the report, also of a failed or refused run; what is thrown is a defect
 */
export async function deploy(options: DeployOptions): Promise<Report> {
  // Beside what follows: whether there is anything to parse is known only when the target has been asked.
  if (options.bundle.files.length > 0) void compilePgQuery();
  const record = new RunRecord(options);
  const scripts = options.scripts ?? null;
  const reader = new ScriptReader(scripts);
  const folders = FOLDERS_OF_MODE[options.mode];
  if (validateStructure(options.bundle, folders).length > 0) {
    return record.invalid(await validate(options.bundle, folders, scripts));
  }
  let target: OpenTarget;
  try {
    target = await openTarget(options, options.mode, options.dryRun === true);
  } catch (error) {
    // A fault in the files is worth knowing even when the server is away.
    const problems = await validate(options.bundle, folders, scripts);
    if (problems.length > 0) return record.invalid(problems);
    return record.stopped(asStopped(error));
  }
  try {
    const report = await reportOf(options, target, record, reader);
    return options.reportLedger === true ? { ...report, ledger: await ledgerNow(target, record) } : report;
  } finally {
    await target.session.close();
  }
}

async function reportOf(
  options: DeployOptions,
  target: OpenTarget,
  record: RunRecord,
  reader: ScriptReader,
): Promise<Report> {
  try {
    return await runOnTarget(options, target, record, reader);
  } catch (error) {
    return record.stopped(asStopped(error));
  }
}

/** As it was read and as files gave back their rows; asked again where that may not be all. Null: the connection is gone. */
async function ledgerNow({ session, contents }: OpenTarget, record: RunRecord): Promise<LedgerReport | null> {
  if (session.lost !== null) return null;
  const isKnown = !record.touchedLedger && record.entered.length === record.applied.length;
  try {
    const { create, rows } = isKnown
      ? { ...contents.state, rows: [...contents.state.rows, ...record.entered] }
      : await readEntries(session);
    return {
      create,
      files: rows
        .map(({ folder, fileName, ...rest }) => ({ path: ledgerKey(folder, fileName), ...rest }))
        .sort((a, b) => (a.path < b.path ? -1 : 1)),
    };
  } catch {
    // The report itself stands without it.
    return null;
  }
}

/** What a mode reads; a fault elsewhere must not keep anyone from repairing an instance. */
const FOLDERS_OF_MODE: Readonly<Record<Mode, readonly Folder[]>> = {
  create: ['create', 'deployment'],
  deployment: ['deployment'],
  'manual-deployment': ['manual-deployment'],
};

async function runOnTarget(
  options: DeployOptions,
  opened: OpenTarget,
  record: RunRecord,
  reader: ScriptReader,
): Promise<Report> {
  const target = await carryOutResolution(options, opened);
  if (target !== opened) record.touchedLedger = true;
  const decided = plan(options.bundle, options.mode, target.contents.state, {
    force: options.force === true,
    baseline: options.baseline !== false,
  });
  if (isStop(decided)) {
    const { code, message, hint, path, evidence } = decided;
    const failure = plainFailure(code, message, hint, path);
    return record.stopped(new RunStopped(decided.stop, evidence === undefined ? failure : { ...failure, evidence }));
  }
  record.planned(decided);
  const problems = await checkScripts(
    decided.steps.map((step) => step.file),
    reader,
  );
  if (problems.length > 0) return record.invalid(problems);
  const steps: Step[] = [];
  for (const [i, step] of decided.steps.entries()) {
    steps.push({ ...step, script: await reader.read(step.file), number: i + 1 });
  }
  record.steps(steps);
  const appliedEarlier = appliedByDeployment(options.deploymentId ?? null, target.contents.state);
  const { plannedSteps } = record;
  const { length: skipped } = decided.skipped;
  options.onEvent?.({ type: 'planned', total: steps.length, skipped, steps: plannedSteps, appliedEarlier });
  if (options.dryRun === true) return record.dryRun(decided);
  if (options.admit?.({ steps: plannedSteps, appliedEarlier }) === false) return record.stopped(notAdmitted());
  await carryOut(options, target, record, decided, steps);
  return record.succeeded();
}

function notAdmitted(): RunStopped {
  const message = 'What the target lacks is not what was to be run there. Nothing was run.';
  const hint = 'Look at the plan, and ask for it anew.';
  return new RunStopped('refused', plainFailure('plan_not_admitted', message, hint));
}

/** Preparing costs a round trip, and more than that is saved from the fourth file on. */
const MOST_FILES_UNPREPARED = 3;

/** The only part that changes the target. */
async function carryOut(
  options: DeployOptions,
  target: OpenTarget,
  record: RunRecord,
  decided: Plan,
  steps: readonly Step[],
): Promise<void> {
  const { session, facts, contents } = target;
  const appliedBy = options.appliedBy ?? facts.user;
  const run: RunContext = {
    options,
    session,
    facts,
    cancellation: new Cancellation(session, facts.backendPid, options.connection, options.signal, options.onEvent),
    total: steps.length,
    group: {
      appliedBy,
      deploymentId: options.deploymentId ?? null,
      runId: options.runId ?? null,
      legacyTable: facts.legacyTable,
      pinSql: target.pinSql,
      hasEventTriggers: facts.hasEventTriggers,
      pins: {
        user: facts.user,
        searchPath: facts.searchPath,
        lockTimeoutMs: options.lockTimeoutMs ?? DEFAULT_LOCK_TIMEOUT_MS,
      },
      prepares: steps.length > MOST_FILES_UNPREPARED,
    },
    applied: record.applied,
    entered: record.entered,
    failures: record.failures,
    guarded: new Set(),
    reindexMarks: new Map(),
  };
  let { hasLedger } = facts;
  try {
    const movesIdentity = options.acceptIdentity === true && !isSameTarget(contents.identity, facts);
    const changes = steps.length > 0 || decided.adopt.length > 0 || decided.completesCreate || movesIdentity;
    if (changes) {
      const entries = {
        adopt: decided.adopt,
        startsCreate: decided.completesCreate,
        acceptIdentity: options.acceptIdentity === true,
      };
      await prepareLedger(session, facts, contents, entries, prepareEnterSql(run.group));
      hasLedger = true;
      if (decided.adopt.length > 0 || decided.completesCreate) record.touchedLedger = true;
      record.adopted = decided.adopt.length;
      if (decided.adopt.length > 0) options.onEvent?.({ type: 'adopted', count: decided.adopt.length });
    }
    await runSteps(run, steps);
    if (decided.completesCreate && record.failures.length === 0) await completeCreate(run, decided, record);
  } catch (error) {
    if (hasLedger) record.touchedLedger = true;
    await run.cancellation.settled();
    if (error instanceof ConnectionLost) throw await settleLostConnection(run, error);
    await flushApplied(run);
    throw error;
  } finally {
    run.cancellation.dispose();
  }
  if (record.failures.length > 0) await flushApplied(run);
}

/** The create is done: what deployment/ holds is in it already. */
async function completeCreate(run: RunContext, decided: Plan, record: RunRecord): Promise<void> {
  const { appliedBy, deploymentId, legacyTable } = run.group;
  await inTransaction(
    run.session,
    `SET LOCAL synchronous_commit TO ${run.facts.synchronousCommit};
     ${entrySql(decided.baseline, 'baseline', { appliedBy, deploymentId }, legacyTable)}
     UPDATE postgres_manager.instance SET create_completed_at = pg_catalog.clock_timestamp();`,
  );
  record.baselined = decided.baseline.length;
  record.createCompleted = true;
  if (decided.baseline.length > 0) run.options.onEvent?.({ type: 'baselined', count: decided.baseline.length });
}

/** Steps before a failure did not wait for the disk one by one. */
async function flushApplied(run: RunContext): Promise<void> {
  if (run.applied.length > 0 && run.session.lost === null) await flush(run.session, run.facts);
}
