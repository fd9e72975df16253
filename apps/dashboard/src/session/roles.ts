import type { OperationId } from '../api/client.ts';
import { OPERATIONS } from '../api/operations.ts';

/** Each may do what those before it may. */
const ROLES = ['viewer', 'deployer', 'approver', 'admin'];

/** Whether a key of this role may make a call; what may not be done is not offered. */
export function roleMay(role: string, operation: OperationId): boolean {
  const needed: string | null = OPERATIONS[operation].role;
  return needed === null || ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
