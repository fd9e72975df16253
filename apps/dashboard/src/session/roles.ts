import type { OperationId } from '../api/client.ts';
import { OPERATIONS } from '../api/operations.ts';

/** What each role may do, by the role that a call names. An approver asks for nothing, and an admin does not approve. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  viewer: ['viewer'],
  deployer: ['viewer', 'deployer'],
  approver: ['viewer', 'approver'],
  admin: ['viewer', 'deployer', 'admin'],
};

/** Whether a key of this role may make a call; what may not be done is not offered. */
export function roleMay(role: string, operation: OperationId): boolean {
  const needed: string | null = OPERATIONS[operation].role;
  return needed === null || (MAY[role]?.includes(needed) ?? false);
}
