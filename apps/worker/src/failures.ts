import type { ControlPlaneError, Deployment, DeploymentFailure } from '@postgres-manager/control-plane';
import type { Problem, UnfinishedFile } from '@postgres-manager/sql-deploy';

/** A failure without a place in a file. */
export function plainFailure(
  code: DeploymentFailure['code'],
  message: string,
  hint: string,
  file: string | null = null,
): DeploymentFailure {
  return { file, line: null, column: null, sourceLine: null, sqlstate: null, code, message, hint };
}

/** A failure that a person settles through the service: its hint names the command and the call that do it. */
export function addressed<Told extends DeploymentFailure>(
  failure: Told,
  { id, dryRun }: Pick<Deployment, 'id' | 'dryRun'>,
): Told {
  const path = failure.evidence?.path;
  if (path === undefined) return { ...failure, hint: withRetry(failure.hint, id) };
  if (dryRun) {
    return { ...failure, hint: `This was a dry run: deploy it, and that deployment takes the answer about ${path}.` };
  }
  return { ...failure, hint: settleHint(id, path) };
}

/** Nobody has an answer to give: the next run asks the target. */
function withRetry(hint: string, id: string): string {
  if (hint.includes(`retry ${id}`)) return hint;
  return `${hint} What became of the run is not known here: \`postgres-manager retry ${id}\` (POST /v1/deployments/${id}/retry) asks the target and carries on with what is not applied.`.trim();
}

function settleHint(id: string, path: string): string {
  const command = `postgres-manager resolve ${id} ${path}`;
  const call = `POST /v1/deployments/${id}/resolve with {"file": ${JSON.stringify(path)}, "outcome": …}`;
  return `Look at the target. If all of the file’s work is there: ${command} --applied. If not, undo by hand what is there of it, then: ${command} --not-applied, and it runs again from its start. Over HTTP: ${call}, "applied" or "not-applied". Either makes a new deployment that carries on from there.`;
}

/** The target's DSN cannot be had. */
export function secretFailure(error: ControlPlaneError): DeploymentFailure {
  return plainFailure(error.code, `${error.message} Nothing was changed.`, error.hint);
}

export function bundleMissing(digest: string): DeploymentFailure {
  return plainFailure(
    'bundle_missing',
    `The bundle ${digest} cannot be read back from the control database as it was stored. Nothing was changed.`,
    'Send the bundle again, and find out who writes to the control database: rows of it were changed or taken away there.',
  );
}

/** The files don't pass: the first problem, and how many there are. */
export function bundleInvalid(problems: readonly Problem[]): DeploymentFailure {
  const [first] = problems;
  const others = problems.length === 1 ? '' : ` There are ${problems.length - 1} further problems.`;
  return {
    file: first?.path ?? null,
    line: first?.line ?? null,
    column: first?.column ?? null,
    sourceLine: first?.sourceLine ?? null,
    sqlstate: null,
    code: 'bundle_invalid',
    message: `${first?.message ?? 'The files are not in order.'}${others} Nothing was changed.`,
    hint: first?.hint ?? 'Mend the files and deploy the new bundle.',
  };
}

/** A defect of this program: its stack is in the log, not here. */
export function internalFailure(deploymentId: string): DeploymentFailure {
  return plainFailure(
    'internal_error',
    'This program failed in a way that it should not. What is applied is in the target’s ledger.',
    `Look into the worker’s log for ${deploymentId} and report the fault; then compare the target with the bundle, and carry on with \`postgres-manager retry ${deploymentId}\` (POST /v1/deployments/${deploymentId}/retry): what is applied is not run twice.`,
  );
}

/** A cancelled deployment whose worker was lost, on a target that can't be asked. */
export function outcomeUnknown(deploymentId: string, reason: DeploymentFailure | null): DeploymentFailure {
  return plainFailure(
    'outcome_unknown',
    `The worker of this deployment was lost while it was being cancelled, and the target could not be asked what became of it: ${reason?.message ?? 'it gave no reason.'} The steps tell what is known to be applied; a file that was running then may be committed.`,
    `Once the target answers, look for ${deploymentId} in postgres_manager.ledger there (column deployment_id), or carry on with \`postgres-manager retry ${deploymentId}\` (POST /v1/deployments/${deploymentId}/retry): what is applied is not run twice.`,
  );
}

/** A cancelled deployment was interrupted within a file that no transaction holds. */
export function unfinishedFailure(begun: UnfinishedFile): DeploymentFailure {
  const { path, sha256, startedAt, statementsDone, statementRunning } = begun;
  const running = statementRunning === null ? '' : `, and statement ${statementRunning} was under way`;
  const unknown = 'The deployment was cancelled, so the catalog was not asked what became of it';
  return {
    ...plainFailure(
      'unfinished_step',
      `${path} was begun at ${startedAt} and interrupted: ${statementsDone} of its statements are done${running}; it cannot run in a transaction, so these stay. ${unknown}.`,
      '',
      path,
    ),
    evidence: { path, sha256, startedAt, statementsDone, statementCount: null, statementRunning, unknown },
  };
}

/** Whatever ends its workers would end the next one too. */
export function workersLost(deploymentId: string, count: number): DeploymentFailure {
  return plainFailure(
    'outcome_unknown',
    `${count} workers were lost, one after the other, while they ran this deployment: it may be what ends them. What is applied is in the target’s ledger; a statement of the last run may still be going on there.`,
    `Look into the workers’ logs and at their memory for what ended them while ${deploymentId} ran; then carry on with \`postgres-manager retry ${deploymentId}\` (POST /v1/deployments/${deploymentId}/retry): what is applied is not run twice.`,
  );
}
