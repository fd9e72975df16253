import type { ErrorCode, Failure } from '@postgres-manager/sql-deploy';
import type { ControlPlaneErrorCode } from '../errors.ts';

/**
 * Why a deployment, an attempt or a step did not succeed: what the library says of a run, or the service of what lies
 * around it. Never holds row contents or a secret.
 */
export type DeploymentFailure = Omit<Failure, 'code'> & { readonly code: ErrorCode | ControlPlaneErrorCode };
