/** Every reason for which the control plane refuses something. Each stands in docs/errors.md. */
export type ControlPlaneErrorCode =
  // asked for what is not there, or may not be seen
  | 'target_unknown'
  | 'target_forbidden'
  | 'bundle_unknown'
  | 'deployment_unknown'
  | 'key_unknown'
  | 'rollout_unknown'
  | 'rollout_target_unknown'
  | 'freeze_unknown'
  | 'webhook_unknown'
  | 'webhook_delivery_unknown'
  | 'protection_unknown'
  // asked for what can't be now
  | 'target_in_use'
  | 'deployment_final'
  | 'deployment_not_final'
  | 'deployment_not_resolvable'
  | 'resolution_file_wrong'
  | 'resolution_pending'
  | 'idempotency_key_reused'
  | 'idempotency_key_in_flight'
  | 'bundle_lacks_applied'
  | 'rollout_not_steerable'
  | 'bundle_changes_applied'
  | 'targets_in_trouble'
  | 'webhook_disabled'
  | 'webhooks_too_many'
  | 'approval_not_awaited'
  | 'approval_plan_moved'
  | 'approval_own_request'
  // the service itself
  | 'control_database_unavailable'
  | 'secret_unresolvable'
  | 'encryption_key_invalid'
  | 'lease_lost'
  // how a deployment ended, where no run can tell
  | 'bundle_invalid'
  | 'bundle_missing'
  | 'outcome_unknown'
  | 'approval_rejected'
  | 'internal_error';

/** What the control plane refuses. Anything else that is thrown is a defect, or the control database being away. */
export class ControlPlaneError extends Error {
  readonly code: ControlPlaneErrorCode;
  /** What to do next, for a person. */
  readonly hint: string;

  constructor(code: ControlPlaneErrorCode, message: string, hint: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ControlPlaneError';
    this.code = code;
    this.hint = hint;
  }
}
