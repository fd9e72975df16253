import type { Mode, Problem } from '@postgres-manager/sql-deploy';
import { exitCodeOfSignal } from '../../exit-codes.ts';
import { type Outcome, outcomeOf } from '../../outcome.ts';
import { formatDuration } from '../../output/duration.ts';
import type { Paint } from '../../output/paint.ts';
import { stopWithoutFile } from '../../stop.ts';
import type { ClientContext } from '../client-context.ts';
import { ServiceRecord } from '../output/service-record.ts';
import { wireLine } from '../output/wire-lines.ts';
import { follow } from '../service/follow.ts';
import type { WireEvent } from '../service/read-stream.ts';
import { ServiceError } from '../service/service-error.ts';
import { type DeploymentView, readDeployment } from '../views/deployment-view.ts';
import { expectRecord, readProblems } from '../views/fields.ts';
import { deploymentOutcome } from './deployment-outcome.ts';
import { type Leaving, watchForLeaving } from './leaving.ts';

/** What is watched. */
export interface Watched {
  readonly id: string;
  readonly mode: Mode | null;
}

/**
 * Shows a deployment live until it has ended, and ends as it did. A signal ends the watching, not the deployment.
 * @param leaving where signals are taken already; without it they are from here on
 */
export async function watchDeployment(watched: Watched, context: ClientContext, leaving?: Leaving): Promise<Outcome> {
  const { id } = watched;
  const taken = leaving ?? watchForLeaving(() => farewell(id, context).join(' '));
  const problems: Problem[] = [];
  try {
    await show(id, context, taken.signal, null, (event) => {
      if (event.type === 'invalid') problems.push(...readProblems(event.data['problems']));
    });
    const view = taken.received() === null ? await taken.race(findDeployment(id, context)) : null;
    return view === null ? leftOutcome(watched, context, taken) : deploymentOutcome(view, problems, context);
  } catch (error) {
    throw error instanceof ServiceError ? stillAtTheService(id, context, error) : error;
  } finally {
    if (leaving === undefined) taken.release();
  }
}

/**
 * Shows the events of a deployment as they come.
 * @param quietMs shows what happened so far, and ends when nothing more has come for so long; null: until it has ended
 * @returns true when it has ended
 */
export function show(
  id: string,
  context: ClientContext,
  signal: AbortSignal,
  quietMs: number | null,
  onEvent: (event: WireEvent) => void = () => undefined,
): Promise<boolean> {
  const record = new ServiceRecord();
  return follow(context.service, {
    path: `/v1/deployments/${encodeURIComponent(id)}/events`,
    isEnd: ({ type }) => type === 'finished',
    after: 0,
    signal,
    quietMs,
    onClock: (aheadMs) => {
      record.aheadMs = aheadMs;
    },
    onEvent: (event) => {
      record.observe(event);
      onEvent(event);
      const { number, type, at, data } = event;
      const json = { ...data, type, number, at, deploymentId: id };
      context.tell({ type: 'service', json, line: (paint) => lineOf(event, id, context, paint) }, record);
    },
    onTrouble: ({ reason, waitMs, attempt }) => {
      const json = { type: 'service_away', deploymentId: id, reason, waitMs, attempt };
      const line = `lost sight of the deployment, which goes on (${reason}); again in ${formatDuration(waitMs)}`;
      context.tell({ type: 'service', json, line: (paint) => paint.yellow(paint.line(line)) }, record);
    },
  });
}

/** With what to type where somebody has to do something. */
function lineOf(event: WireEvent, id: string, context: ClientContext, paint: Paint): string | null {
  const line = wireLine(event, paint);
  if (line === null || !WAIT_FOR_APPROVAL.includes(event.type)) return line;
  return `${line}\n  whoever may approve it types: ${context.commandLine(`approve ${id}`)}`;
}

const WAIT_FOR_APPROVAL: readonly string[] = ['awaiting_approval', 'approval_voided'];

/** Everything about one deployment. @throws ServiceError deployment_unknown */
export async function findDeployment(id: string, { service }: ClientContext): Promise<DeploymentView> {
  const { body } = await service.ask({ method: 'GET', path: `/v1/deployments/${encodeURIComponent(id)}` });
  return readDeployment(expectRecord(body, 'the deployment'));
}

function farewell(id: string, context: ClientContext): [message: string, hint: string] {
  return [
    `stopped watching; deployment ${id} goes on`,
    `To stop it: ${context.commandLine(`cancel ${id}`)}. To watch it again: ${context.commandLine(`logs ${id} --follow`)}.`,
  ];
}

function leftOutcome({ id, mode }: Watched, context: ClientContext, leaving: Leaving): Outcome {
  const [message, hint] = farewell(id, context);
  const failed = stopWithoutFile('interrupted', message, hint);
  const outcome = outcomeOf({ mode, status: 'accepted', failed }, { deployment: id }, (paint) => [
    paint.yellow(message),
    `  cancel it: ${context.commandLine(`cancel ${id}`)}`,
    `  watch it:  ${context.commandLine(`logs ${id} --follow`)}`,
  ]);
  return { ...outcome, exitCode: exitCodeOfSignal(leaving.received() ?? 'SIGINT'), abandoned: true };
}

/** The service was lost, not the deployment: that must be said, or somebody starts it again. */
function stillAtTheService(id: string, context: ClientContext, error: ServiceError): ServiceError {
  const { code, hint, exitCode, status, problems } = error;
  const message = `${error.message}. Deployment ${id} was accepted, and goes on`;
  const next = `How it ended: ${context.commandLine(`deployments ${id}`)}`;
  return new ServiceError(code, message, `${hint} ${next}`.trim(), { exitCode, status, problems, cause: error });
}
