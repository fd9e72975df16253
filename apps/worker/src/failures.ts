import type { ControlPlaneError, DeploymentFailure } from '@postgres-manager/control-plane';
import type { Problem } from '@postgres-manager/sql-deploy';

/** A failure without a place in a file. */
export function plainFailure(
  code: DeploymentFailure['code'],
  message: string,
  hint: string,
  file: string | null = null,
): DeploymentFailure {
  return { file, line: null, column: null, sourceLine: null, sqlstate: null, code, message, hint };
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
    `Look into the worker’s log for ${deploymentId} and report the fault; then compare the target with the bundle, and deploy again: what is applied is not run twice.`,
  );
}

/** A cancelled deployment whose worker was lost, on a target that can't be asked. */
export function outcomeUnknown(deploymentId: string, reason: DeploymentFailure | null): DeploymentFailure {
  return plainFailure(
    'outcome_unknown',
    `The worker of this deployment was lost while it was being cancelled, and the target could not be asked what became of it: ${reason?.message ?? 'it gave no reason.'} The steps tell what is known to be applied; a file that was running then may be committed.`,
    `Once the target answers, look for ${deploymentId} in postgres_manager.ledger there (column deployment_id), or deploy again: what is applied is not run twice.`,
  );
}

/** Whatever ends its workers would end the next one too. */
export function workersLost(deploymentId: string, count: number): DeploymentFailure {
  return plainFailure(
    'outcome_unknown',
    `${count} workers were lost, one after the other, while they ran this deployment: it may be what ends them. What is applied is in the target’s ledger; a statement of the last run may still be going on there.`,
    `Look into the workers’ logs and at their memory for what ended them while ${deploymentId} ran; then deploy again: what is applied is not run twice.`,
  );
}
