import type { Mode } from '@postgres-manager/sql-deploy';
import type { Environment } from '../config.ts';
import type { Input } from '../input.ts';
import type { ClientLine } from '../invocation.ts';
import { type Outcome, outcomeOf, outcomeOfFaults, outcomeOfStop } from '../outcome.ts';
import { describeProblems } from '../output/describe-failure.ts';
import { formatDuration } from '../output/duration.ts';
import type { Reporter, ServiceEvent } from '../output/reporter.ts';
import { redact } from '../secrecy.ts';
import { type Stop, stopOf, stopWithoutFile } from '../stop.ts';
import type { ClientContext } from './client-context.ts';
import type { ClientInvocation, ServiceFlags } from './command-line/client-invocation.ts';
import { readClientInvocation } from './command-line/read-client-invocation.ts';
import { isUnencrypted, readService } from './command-line/read-service.ts';
import { ServiceRecord } from './output/service-record.ts';
import { createService, type Trouble } from './service/service.ts';
import { ServiceError } from './service/service-error.ts';

/** Carries out a command for a service: the rest of the parsing, the asking, and the telling how it ended. */
export async function runClient(client: ClientLine, environment: Environment, reporter: Reporter): Promise<Outcome> {
  const startedAt = Date.now();
  const input: Input = { line: client.line, environment, faults: client.line.faults };
  const flags = readService(input);
  const invocation = readClientInvocation(input, startedAt);
  if (flags === null || invocation === null || input.faults.length > 0) {
    return outcomeOfFaults([...new Set(input.faults)], null);
  }
  warnOfPlainHttp(flags);
  const mode = 'mode' in invocation ? invocation.mode : null;
  try {
    return await runCommand(invocation, contextOf(flags, environment, client.json, reporter));
  } catch (error) {
    const durationMs = Date.now() - startedAt;
    if (error instanceof ServiceError)
      return { ...outcomeOfRefusal(error, mode, durationMs), exitCode: error.exitCode };
    const stop = stopOf(error, null);
    return outcomeOfStop(
      { ...stop, message: redact(stop.message, null).replaceAll(flags.key, '[hidden]') },
      mode,
      durationMs,
    );
  }
}

function contextOf(flags: ServiceFlags, environment: Environment, json: boolean, reporter: Reporter): ClientContext {
  const idle = new ServiceRecord();
  const tell: ClientContext['tell'] = (event, record = idle) => reporter.event(event, record);
  return {
    service: createService(flags, (trouble) => tell(troubleEvent(trouble))),
    json,
    columns: process.stdout.isTTY === true ? process.stdout.columns || 80 : null,
    now: Date.now,
    tell,
    // With the address where the environment does not give it: so that what a hint says runs as it is.
    commandLine: (words) =>
      `postgres-manager ${words}${isAddressGiven(environment, flags) ? '' : ` --server ${flags.address}`}`,
  };
}

/** Each command is loaded only when it is called, as those on a DSN are. */
async function runCommand(invocation: ClientInvocation, context: ClientContext): Promise<Outcome> {
  switch (invocation.command) {
    case 'deploy':
      return (await import('./commands/start-deployment.ts')).runStartDeployment(invocation, context);
    case 'retry':
      return (await import('./commands/retry-deployment.ts')).runRetry(invocation, context);
    case 'resolve':
      return (await import('./commands/resolve-deployment.ts')).runResolveDeployment(invocation, context);
    case 'cancel':
      return (await import('./commands/cancel-deployment.ts')).runCancel(invocation, context);
    case 'logs':
      return (await import('./commands/logs.ts')).runLogs(invocation, context);
    case 'deployments':
      return (await import('./commands/list-deployments.ts')).runListDeployments(invocation, context);
    case 'deployment':
      return (await import('./commands/show-deployment.ts')).runShowDeployment(invocation, context);
    case 'targets':
      return (await import('./commands/list-targets.ts')).runListTargets(invocation, context);
    case 'target':
      return (await import('./commands/show-target.ts')).runShowTarget(invocation, context);
    case 'add-target':
      return (await import('./commands/add-target.ts')).runAddTarget(invocation, context);
    case 'remove-target':
      return (await import('./commands/remove-target.ts')).runRemoveTarget(invocation, context);
    case 'keys':
      return (await import('./commands/list-keys.ts')).runListKeys(context);
    case 'create-key':
      return (await import('./commands/create-key.ts')).runCreateKey(invocation, context);
    case 'revoke-key':
      return (await import('./commands/revoke-key.ts')).runRevokeKey(invocation, context);
    case 'start-rollout':
      return (await import('./commands/rollout/start-rollout.ts')).runStartRollout(invocation, context);
    case 'follow-rollout':
      return (await import('./commands/rollout/watch-rollout.ts')).runFollowRollout(invocation, context);
    case 'steer-rollout':
      return (await import('./commands/rollout/steer-rollout.ts')).runSteerRollout(invocation, context);
    case 'rollouts':
      return (await import('./commands/rollout/list-rollouts.ts')).runListRollouts(invocation, context);
    case 'rollout':
      return (await import('./commands/rollout/show-rollout.ts')).runShowRollout(invocation, context);
    case 'rollout-targets':
      return (await import('./commands/rollout/list-rollout-targets.ts')).runListRolloutTargets(invocation, context);
    case 'fleet':
      return (await import('./commands/show-fleet.ts')).runShowFleet(invocation, context);
    case 'freezes':
      return (await import('./commands/freezes.ts')).runListFreezes(context);
    case 'create-freeze':
      return (await import('./commands/freezes.ts')).runCreateFreeze(invocation, context);
    case 'lift-freeze':
      return (await import('./commands/freezes.ts')).runLiftFreeze(invocation, context);
    case 'webhooks':
      return (await import('./commands/webhooks/list-webhooks.ts')).runListWebhooks(context);
    case 'add-webhook':
      return (await import('./commands/webhooks/add-webhook.ts')).runAddWebhook(invocation, context);
    case 'webhook-verb':
      return (await import('./commands/webhooks/steer-webhook.ts')).runSteerWebhook(invocation, context);
    case 'webhook-deliveries':
      return (await import('./commands/webhooks/list-deliveries.ts')).runListDeliveries(invocation, context);
    case 'webhook-resend':
      return (await import('./commands/webhooks/send-message.ts')).runResend(invocation, context);
    case 'protections':
      return (await import('./commands/protections.ts')).runListProtections(context);
    case 'create-protection':
      return (await import('./commands/protections.ts')).runCreateProtection(invocation, context);
    case 'remove-protection':
      return (await import('./commands/protections.ts')).runRemoveProtection(invocation, context);
    case 'approve':
      return (await import('./commands/approvals.ts')).runApprove(invocation, context);
    case 'reject':
      return (await import('./commands/approvals.ts')).runReject(invocation, context);
    case 'rollout-approval':
      return (await import('./commands/rollout/approve-rollout.ts')).runShowRolloutApproval(invocation, context);
    case 'workers':
      return (await import('./commands/list-workers.ts')).runListWorkers(context);
    case 'verify-audit':
      return (await import('./commands/verify-audit.ts')).runVerifyAudit(invocation, context);
    case 'audit':
      return (await import('./commands/list-audit.ts')).runListAudit(invocation, context);
  }
}

function isAddressGiven(environment: Environment, flags: ServiceFlags): boolean {
  return environment.server !== null && environment.server.replace(/\/+$/, '') === flags.address;
}

function warnOfPlainHttp({ address }: ServiceFlags): void {
  if (!isUnencrypted(address)) return;
  // On stderr also with --json: stdout is for programs.
  process.stderr.write(
    `postgres-manager: warning: ${new URL(address).host} is asked over http://, so that others on the way can read the key and the files; use https://\n`,
  );
}

function troubleEvent({ reason, waitMs, attempt }: Trouble): ServiceEvent {
  return {
    type: 'service',
    json: { type: 'service_away', reason, waitMs, attempt },
    line: (paint) => paint.yellow(`the service: ${paint.line(reason)}; again in ${formatDuration(waitMs)}`),
  };
}

/** What the service refused, or that it could not be asked. */
function outcomeOfRefusal(error: ServiceError, mode: Mode | null, durationMs: number): Outcome {
  const failed: Stop = stopWithoutFile(error.code, error.message, error.hint);
  const { status, problems } = error;
  return outcomeOf({ mode, status, failed, problems, durationMs }, {}, (paint) => [
    ...(problems.length > 0 ? [...describeProblems(problems, paint), ''] : []),
    `${paint.red('postgres-manager:')} ${paint.block(error.message)}`,
    ...(error.hint === '' ? [] : [`  ${paint.block(error.hint)}`]),
  ]);
}
