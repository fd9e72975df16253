import type { DeploymentStatus, Role } from '@postgres-manager/control-plane';
import type { BetweenWish, BudgetWish, Selector, WaveWish, WindowWish } from './rollout-values.ts';
import type { Mode } from '@postgres-manager/sql-deploy';

/** How to reach the service. */
export interface ServiceFlags {
  /** Scheme, host, port and perhaps a path, without a slash at its end. */
  readonly address: string;
  /** Never printed, never put into a message. */
  readonly key: string;
  /** How long a service that is away is tried again, in ms; null: the default of each call. */
  readonly connectTimeoutMs: number | null;
}

export type Labels = Readonly<Record<string, string>>;

export interface DeployRequest {
  readonly command: 'deploy';
  readonly target: string;
  readonly mode: Mode;
  /** The folder to push; null: the server's own folders. */
  readonly bundle: string | null;
  readonly dryRun: boolean;
  readonly onError: 'stop' | 'continue' | null;
  readonly priority: number | null;
  /** ISO 8601. */
  readonly notBefore: string | null;
  readonly idempotencyKey: string | null;
  readonly wait: boolean;
}

export interface AddTargetRequest {
  readonly command: 'add-target';
  readonly name: string;
  /** Null: neither was given, and a target that is there keeps its DSN. */
  readonly dsn: { readonly kind: 'environment'; readonly variable: string } | { readonly kind: 'stdin' } | null;
  /** Null: not given; they stay as they are. */
  readonly labels: Labels | null;
  readonly acceptPooler: boolean | null;
  readonly acceptIdentity: boolean | null;
  readonly lockTimeoutMs: number | null;
  readonly statementTimeoutMs: number | null;
}

export interface ListDeploymentsRequest {
  readonly command: 'deployments';
  readonly target: string | null;
  readonly mode: Mode | null;
  readonly status: DeploymentStatus | null;
  /** ISO 8601. */
  readonly createdAfter: string | null;
  readonly createdBefore: string | null;
  readonly limit: number;
}

export interface CreateKeyRequest {
  readonly command: 'create-key';
  readonly name: string;
  readonly role: Role;
  readonly labels: Labels;
  readonly expiresAt: string | null;
}

export interface StartRolloutRequest {
  readonly command: 'start-rollout';
  readonly mode: Mode;
  /** Either of the two is null. */
  readonly targets: readonly string[] | null;
  readonly selector: Selector | null;
  /** The folder to push; null: the server's own folders. */
  readonly bundle: string | null;
  /** Null, here and below: what the service does without it. */
  readonly waves: readonly WaveWish[] | null;
  readonly maxParallel: number | null;
  readonly maxParallelPerServer: number | null;
  readonly failureBudget: BudgetWish | null;
  readonly between: BetweenWish | null;
  readonly window: WindowWish | null;
  readonly dryRun: boolean;
  readonly notBefore: string | null;
  readonly priority: number | null;
  readonly acceptTrouble: boolean;
  readonly idempotencyKey: string | null;
  readonly wait: boolean;
}

/** What a rollout is to do; which of the fields have a meaning depends on the verb. */
export interface SteerRolloutRequest {
  readonly command: 'steer-rollout';
  readonly verb: 'pause' | 'resume' | 'cancel' | 'retry-failed' | 'skip' | 'promote' | 'approve' | 'reject';
  readonly id: string;
  readonly targets: readonly string[] | null;
  readonly reason: string | null;
  readonly wave: number | null;
  /** The digest of the plan that was shown. */
  readonly plan: string | null;
  /** The folder to push as another bundle; null: it stays with its own. */
  readonly bundle: string | null;
  readonly retryFailed: boolean | null;
  readonly wait: boolean;
}

export interface AddWebhookRequest {
  readonly command: 'add-webhook';
  readonly url: string;
  /** Null: all. */
  readonly events: readonly string[] | null;
  readonly labels: Labels;
  readonly description: string | null;
}

/** What is done with one webhook as a whole. */
export interface WebhookVerbRequest {
  readonly command: 'webhook-verb';
  readonly verb: 'remove' | 'enable' | 'disable' | 'rotate-secret' | 'test';
  readonly id: string;
  /** Of `disable`. */
  readonly reason: string | null;
}

/** What is asked of the service: right in itself, as far as that can be told from here. */
export type ClientInvocation =
  | DeployRequest
  | AddTargetRequest
  | ListDeploymentsRequest
  | CreateKeyRequest
  | StartRolloutRequest
  | SteerRolloutRequest
  | AddWebhookRequest
  | WebhookVerbRequest
  | { readonly command: 'webhooks' }
  | {
      readonly command: 'webhook-deliveries';
      readonly id: string;
      readonly status: 'pending' | 'succeeded' | 'failed' | null;
      readonly limit: number;
    }
  | { readonly command: 'webhook-resend'; readonly id: string; readonly delivery: string }
  | { readonly command: 'freezes' }
  | { readonly command: 'create-freeze'; readonly labels: Labels; readonly reason: string }
  | { readonly command: 'lift-freeze'; readonly id: string }
  | { readonly command: 'protections' }
  | {
      readonly command: 'create-protection';
      /** Either of the two is null. */
      readonly labels: Labels | null;
      readonly target: string | null;
      readonly reason: string;
    }
  | { readonly command: 'remove-protection'; readonly id: string }
  /** Without a plan's digest what would be run is shown. */
  | { readonly command: 'approve'; readonly id: string; readonly plan: string | null; readonly wait: boolean }
  | { readonly command: 'reject'; readonly id: string; readonly reason: string }
  | { readonly command: 'rollout-approval'; readonly id: string }
  | { readonly command: 'rollouts'; readonly status: string | null; readonly limit: number }
  | { readonly command: 'rollout'; readonly id: string }
  | { readonly command: 'follow-rollout'; readonly id: string }
  | {
      readonly command: 'rollout-targets';
      readonly id: string;
      readonly state: string | null;
      readonly wave: number | null;
      readonly limit: number;
    }
  | {
      readonly command: 'fleet';
      readonly labels: readonly string[];
      readonly bundle: string | null;
      readonly state: string | null;
    }
  | { readonly command: 'targets'; readonly labels: Labels; readonly limit: number }
  | { readonly command: 'target'; readonly name: string; readonly bundle: string | null }
  | { readonly command: 'remove-target'; readonly name: string }
  | { readonly command: 'deployment'; readonly id: string }
  | { readonly command: 'logs'; readonly id: string; readonly follow: boolean }
  | { readonly command: 'cancel'; readonly id: string; readonly wait: boolean }
  | { readonly command: 'retry'; readonly id: string; readonly wait: boolean }
  | {
      readonly command: 'resolve';
      readonly id: string;
      readonly file: string;
      readonly outcome: 'applied' | 'not-applied';
      readonly wait: boolean;
    }
  | { readonly command: 'keys' }
  | { readonly command: 'revoke-key'; readonly id: string }
  | { readonly command: 'workers' }
  | { readonly command: 'audit'; readonly limit: number }
  /** `SEQ:HASH` of an earlier verification, or null. */
  | { readonly command: 'verify-audit'; readonly head: string | null };
