import type { DeploymentStatus } from '@postgres-manager/control-plane';
import type { Mode } from '@postgres-manager/sql-deploy';
import type { ClientForm } from '../../flags.ts';
import { flagSource, type Input, MAX_NAME_LENGTH, MAX_PATH_LENGTH, readSwitch, reportMissing } from '../../input.ts';
import { readBoolean, readChoice, readText } from '../../values.ts';
import type { ClientInvocation } from './client-invocation.ts';
import { readInteger, readMoment, readPast } from './client-values.ts';
import { expectNone, readLimit, readOperand, refuseDryRun, refuseFlags } from './operands.ts';
import { readApprove, readReject } from './read-approval.ts';
import { readAudit } from './read-audit.ts';
import { readFreezes } from './read-freezes.ts';
import { readKeys } from './read-keys.ts';
import { readProtections } from './read-protections.ts';
import { readResolve } from './read-resolve.ts';
import { readFleet, readRollout } from './read-rollout.ts';
import { readTargets } from './read-targets.ts';
import { readWebhooks } from './read-webhooks.ts';

const MODES: readonly Mode[] = ['create', 'deployment', 'manual-deployment'];
const STATUSES: readonly DeploymentStatus[] = [
  'awaiting_approval',
  'scheduled',
  'queued',
  'running',
  'cancelling',
  'succeeded',
  'failed',
  'cancelled',
  'needs_attention',
];
const MOST_PRIORITY = 100;

/** What a command line asks of the service; null with at least one fault. */
export function readClientInvocation(input: Input, now: number): ClientInvocation | null {
  const { operands } = input.line;
  // Only for a form that is a client's is this ever called.
  switch (input.line.form as ClientForm) {
    case 'deploy --server':
      return readDeploy(input);
    case 'targets':
      return readTargets(input);
    case 'deployments':
      return operands.length > 0 ? readOne(input) : readDeployments(input, now);
    case 'logs': {
      const id = readOperand(input, 'the id of a deployment');
      return id === null ? null : { command: 'logs', id, follow: readSwitch(input, 'follow') };
    }
    case 'cancel': {
      refuseDryRun(input, 'cancel');
      const id = readOperand(input, 'the id of a deployment');
      return id === null ? null : { command: 'cancel', id, wait: readSwitch(input, 'wait') };
    }
    case 'retry': {
      refuseDryRun(input, 'retry');
      const id = readOperand(input, 'the id of a deployment');
      return id === null ? null : { command: 'retry', id, wait: readSwitch(input, 'wait') };
    }
    case 'approve':
      return readApprove(input);
    case 'reject':
      return readReject(input);
    case 'resolve --server':
      return readResolve(input);
    case 'rollout':
      return readRollout(input);
    case 'fleet':
      return readFleet(input);
    case 'freezes':
      return readFreezes(input);
    case 'webhooks':
      return readWebhooks(input);
    case 'protections':
      return readProtections(input);
    case 'keys':
      return readKeys(input);
    case 'workers':
      return expectNone(input) && { command: 'workers' };
    case 'audit':
      return readAudit(input);
  }
}

function readDeploy(input: Input): ClientInvocation | null {
  const { faults } = input;
  expectNone(input);
  const target = readText(flagSource(input, 'target'), MAX_NAME_LENGTH, faults);
  if (target === null) reportMissing(input, 'target', '--target is missing: the name of a target of the service');
  const mode = readChoice(flagSource(input, 'mode'), MODES, faults);
  if (!input.line.values.has('mode')) {
    reportMissing(input, 'mode', '--mode is missing: create, deployment or manual-deployment');
  }
  const onError = readChoice(flagSource(input, 'on-error'), ['stop', 'continue'] as const, faults);
  if (onError !== null && mode !== null && mode !== 'create') faults.push('--on-error goes with --mode create only');
  const dryRunSource = flagSource(input, 'dry-run', ['DRY_RUN', input.environment.dryRun]);
  const rest = {
    bundle: readText(flagSource(input, 'bundle'), MAX_PATH_LENGTH, faults),
    dryRun: readBoolean(dryRunSource, faults) ?? false,
    onError,
    priority: readInteger(flagSource(input, 'priority'), -MOST_PRIORITY, MOST_PRIORITY, faults),
    notBefore: readMoment(flagSource(input, 'not-before'), faults),
    idempotencyKey: readIdempotencyKey(input),
    wait: readSwitch(input, 'wait'),
  };
  return target === null || mode === null ? null : { command: 'deploy', target, mode, ...rest };
}

function readDeployments(input: Input, now: number): ClientInvocation {
  const { faults } = input;
  return {
    command: 'deployments',
    target: readText(flagSource(input, 'target'), MAX_NAME_LENGTH, faults),
    mode: readChoice(flagSource(input, 'mode'), MODES, faults),
    status: readChoice(flagSource(input, 'status'), STATUSES, faults),
    createdAfter: readPast(flagSource(input, 'since'), now, faults),
    createdBefore: readPast(flagSource(input, 'until'), now, faults),
    limit: readLimit(input),
  };
}

function readOne(input: Input): ClientInvocation | null {
  refuseFlags(input, ['target', 'mode', 'status', 'since', 'until', 'limit'], 'the list of deployments, not with one');
  const id = readOperand(input, 'the id of a deployment');
  return id === null ? null : { command: 'deployment', id };
}

function readIdempotencyKey(input: Input): string | null {
  const source = flagSource(input, 'idempotency-key');
  const key = readText(source, MAX_NAME_LENGTH, input.faults);
  if (key === null || /^[\x21-\x7e]+$/.test(key)) return key;
  input.faults.push('--idempotency-key must be of printable ASCII characters without a space');
  return null;
}
