import type { OperationId } from '../api/client.ts';
import { OPERATIONS } from '../api/operations.ts';

/** Whose calls each role may make. An approver asks for nothing, and nobody else approves: not even an admin. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  viewer: ['viewer'],
  deployer: ['viewer', 'deployer'],
  approver: ['viewer', 'approver'],
  admin: ['viewer', 'deployer', 'admin'],
};

/** Whether a key of this role may make a call; what may not be done is not offered. */
export function roleMay(role: string, operation: OperationId): boolean {
  const needed: string | null = OPERATIONS[operation].role;
  return needed === null || (MAY[role] ?? []).includes(needed);
}
