export type { Actor } from './audit/actor.ts';
export type { ChainHead } from './audit/chain.ts';
export { type AuditRecord, listAudit } from './audit/list-audit.ts';
export { type AuditFault, type AuditVerdict, verifyAudit } from './audit/verify-audit.ts';
export { type BundleDetail, findBundle, findVerdict, loadBundle } from './bundles/find-bundle.ts';
export { type BundleDifference, compareBundles } from './bundles/compare-bundles.ts';
export { findBundleFile, type StoredFile } from './bundles/find-bundle-file.ts';
export { type BundleCursor, type BundleSummary, listBundles } from './bundles/list-bundles.ts';
export { findLacking } from './bundles/find-lacking.ts';
export { problemsOfMode } from './bundles/bundle-verdict.ts';
export { storeBundle } from './bundles/store-bundle.ts';
export {
  type ControlDatabase,
  type ControlDatabaseOptions,
  isDatabaseUnavailable,
  openControlDatabase,
} from './database/control-database.ts';
export { migrateControlDatabase } from './database/migrate.ts';
export type {
  Attempt,
  AttemptOutcome,
  Deployment,
  DeploymentDetail,
  DeploymentEvent,
  Step,
  StepStatus,
  Summary,
  WaitingFor,
} from './deployments/deployment.ts';
export type { DeploymentFailure } from './deployments/deployment-failure.ts';
export {
  type DeploymentCursor,
  type DeploymentFilter,
  findDeployment,
  findDeploymentDetail,
  listDeployments,
} from './deployments/find-deployments.ts';
export { findQueue, type Queue } from './deployments/find-queue.ts';
export { findQueueDepth, type QueueDepth } from './deployments/find-queue-depth.ts';
export { enterDeploymentOnce, findIdempotent, type IdempotencyKey } from './deployments/idempotency.ts';
export { type Head, headsOfLinesOf, headsOfLines } from './deployments/line.ts';
export type { ResolutionOutcome } from './deployments/resolution.ts';
export { type DeploymentStatus, type FinalStatus, isFinal, mayGo, STATUSES } from './deployments/states.ts';
export { type Abandoned, abandonExpired } from './deployments/transitions/abandon.ts';
export { rejectDeployment, requestCancel } from './deployments/transitions/cancel.ts';
export { againAfterDeadlock } from './database/deadlock.ts';
export { type Claim, claimDeployment, type EarlierRun } from './deployments/transitions/claim.ts';
export { enterDeployment, enterDeployments, type Entry, type NewDeployment } from './deployments/transitions/enter.ts';
export { type Ending, finishDeployment } from './deployments/transitions/finish.ts';
export { type HandBack, handBackDeployment } from './deployments/transitions/hand-back.ts';
export {
  type Held,
  type NewEvent,
  NO_PROGRESS,
  type Progress,
  type StepUpdate,
} from './deployments/transitions/progress-writes.ts';
export { queueDue } from './deployments/transitions/queue-due.ts';
export { recordProgress } from './deployments/transitions/record-progress.ts';
export { type Renewed, renewLeases } from './deployments/transitions/renew-leases.ts';
export { enterResolution, enterResolutionAgain } from './deployments/transitions/resolve.ts';
export type { LedgerFile, TargetSeen } from './deployments/transitions/target-seen.ts';
export { ControlPlaneError, type ControlPlaneErrorCode } from './errors.ts';
export {
  type EventPosition,
  findEventsAfter,
  findEventsById,
  findEventsOf,
  latestEventId,
  type StreamedEvent,
} from './events/find-events.ts';
export { type ApiKey, generateKey, hashKey, hasRole, isKey, type Role, ROLES } from './keys/api-key.ts';
export {
  createKey,
  enterKey,
  findKeyByHash,
  hasAdminKey,
  listKeys,
  type NewKey,
  noteKeyUse,
  revokeKey,
} from './keys/key-store.ts';
export { type Bell, type BellOptions, openBell } from './queue/bell.ts';
export { listenForChanges } from './queue/changes.ts';
export {
  type ChangeMessage,
  JOB_NAME,
  type JobPayload,
  jobPayload,
  QUEUE_NAME,
  QUEUE_PREFIX,
} from './queue/contract.ts';
export { type Reconciled, reconcile } from './queue/reconcile.ts';
export { openRedis } from './queue/redis.ts';
export { Ringer } from './queue/ringer.ts';
export { Rounds } from './queue/rounds.ts';
export {
  allowInternal,
  ConfigError,
  databaseUrl,
  encryptionKey,
  type Environment,
  LOG_LEVELS,
  logLevel,
  type LogLevel,
  otlpEndpoint,
  parseEnvironment,
  redisUrl,
  wholeNumber,
} from './settings/environment.ts';
export { findTarget, findTargetLedger, listTargets } from './targets/find-targets.ts';
export { type EncryptionKey, type Keyring, readKeyring } from './targets/keyring.ts';
export { hasLabels, type Labels } from './targets/labels.ts';
export { type PutOutcome, putTarget, type TargetInput } from './targets/put-target.ts';
export { removeTarget } from './targets/remove-target.ts';
export { resolveConnection } from './targets/resolve-connection.ts';
export { rotateSecrets } from './targets/rotate-secrets.ts';
export { openSecret, type SealedSecret, sealSecret } from './targets/secret-box.ts';
export type { Target, TargetLedger, TargetLedgerSummary } from './targets/target.ts';
export type { DsnSource, TargetConnection } from './targets/target-row.ts';
export { findHeld, type HeldDeployment } from './workers/find-held.ts';
export { listWorkers, reportWorker, reportWorkerStopped, type WorkerInfo } from './workers/worker-store.ts';
export type { Between, RolloutWaitingFor } from './rollouts/decide.ts';
export { findRolloutDetail, findTargetsOfWaves, type RolloutDetail } from './rollouts/find-rollout-detail.ts';
export { listRolloutTargets, type WaitingGroup } from './rollouts/find-rollout-targets.ts';
export { findRollout, findRolloutRow, listRollouts, type RolloutCursor } from './rollouts/find-rollouts.ts';
export { findRolloutProgress, type ProgressPoint, ROLLOUT_ENDS } from './rollouts/find-progress.ts';
export type { Pace } from './rollouts/pace.ts';
export { DEFAULT_WAVES, planWaves, type Selector, type WaveSelection } from './rollouts/plan-waves.ts';
export {
  findNamedTargets,
  findSelectedTargets,
  findTrouble,
  MOST_ROLLOUT_TARGETS,
  type RolloutCandidate,
  type TargetTrouble,
} from './rollouts/resolve-targets.ts';
export { findRolloutEvents, type RolloutEventPosition } from './rollouts/rollout-events.ts';
export { RolloutMover } from './rollouts/rollout-mover.ts';
export {
  isAtRest,
  isRolloutFinal,
  ROLLOUT_STATUSES,
  ROLLOUT_TARGET_STATES,
  type RolloutStatus,
  type RolloutTargetState,
} from './rollouts/rollout-states.ts';
export type {
  FailureBudget,
  FailureCluster,
  Rollout,
  RolloutEvent,
  RolloutRequest,
  RolloutTarget,
  RolloutWave,
  TargetWaitingFor,
} from './rollouts/rollout.ts';
export { type Entered, enterRollout, findIdempotentRollout, type NewRollout } from './rollouts/transitions/enter.ts';
export { findRolloutsToMove, moveRollout } from './rollouts/transitions/move.ts';
export { type Steering, steerRollout } from './rollouts/transitions/steer.ts';
export { DAYS, isTimeZone, type Window } from './rollouts/window.ts';
export { findFleet } from './fleet/find-fleet.ts';
export { FILE_STATES, findFleetFiles, type FleetFiles } from './fleet/find-fleet-files.ts';
export { FLEET_STATES, type FleetGroups, type FleetTarget, groupFleet } from './fleet/group-fleet.ts';
export {
  type Approval,
  type ApprovalInfo,
  type ApprovalPlan,
  type ApprovedStep,
  type Departure,
  departureFrom,
  departureText,
} from './approvals/approval.ts';
export { type Approvable, findApprovable } from './approvals/find-approval-plan.ts';
export { findWavePlan, type WavePlan } from './approvals/find-wave-plan.ts';
export { approveDeployment } from './deployments/transitions/approve.ts';
export { holdForApproval } from './deployments/transitions/hold-for-approval.ts';
export { voidApproval, type VoidedApproval } from './deployments/transitions/void-approval.ts';
export { findProtectionsOver, type Protection, type WaitingForApproval } from './protections/protection.ts';
export { createProtection, listProtections, type Protected, removeProtection } from './protections/protection-store.ts';
export { approveWave } from './rollouts/transitions/approve-wave.ts';
export type { Freeze, WaitingForFreeze } from './freezes/freeze.ts';
export { createFreeze, liftFreeze, listFreezes } from './freezes/freeze-store.ts';
export { findDelivery, listDeliveries } from './webhooks/find-deliveries.ts';
export {
  findUrlFault,
  type InternalAllowance,
  isAddressAllowed,
  NOTHING_INTERNAL,
  readInternalAllowance,
} from './webhooks/internal-addresses.ts';
export { resealWebhookSecrets } from './webhooks/reseal-webhook-secrets.ts';
export { generateWebhookSecret, signMessage } from './webhooks/sign-message.ts';
export { type ClaimedDelivery, claimDeliveries } from './webhooks/transitions/claim-deliveries.ts';
export { disableWebhook } from './webhooks/transitions/disable-webhook.ts';
export { dropDeliveries } from './webhooks/transitions/drop-deliveries.ts';
export { enterTestDelivery, resendDelivery } from './webhooks/transitions/enter-delivery.ts';
export { forgetPreviousSecrets } from './webhooks/transitions/forget-previous-secrets.ts';
export {
  type AttemptFailed,
  handBackDelivery,
  noteDelivered,
  noteFailed,
} from './webhooks/transitions/note-attempt.ts';
export { WEBHOOK_EVENT_PATTERNS } from './webhooks/webhook-events.ts';
export { openWebhookSecret, sealWebhookSecret } from './webhooks/webhook-secret.ts';
export {
  changeWebhook,
  createWebhook,
  enableWebhook,
  findWebhook,
  listWebhooks,
  type NewWebhook,
  removeWebhook,
  rotateWebhookSecret,
} from './webhooks/webhook-store.ts';
export {
  DELIVERY_STATUSES,
  type DeliveryAttempt,
  type DeliveryStatus,
  type Webhook,
  type WebhookDelivery,
  type WebhookDeliveryDetail,
} from './webhooks/webhook.ts';
