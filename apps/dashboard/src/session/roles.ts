import type { OperationId } from '../api/client.ts';
import { OPERATIONS } from '../api/operations.ts';

/** What a key of each role may do; as the API has it: who approves does nothing else, and nobody approves beside. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  viewer: ['viewer'],
  approver: ['viewer', 'approver'],
  deployer: ['viewer', 'deployer'],
  admin: ['viewer', 'deployer', 'admin'],
};

/** Whether a key of this role may make a call; what may not be done is not offered. */
export function roleMay(role: string, operation: OperationId): boolean {
  const needed: string | null = OPERATIONS[operation].role;
  return needed === null || (MAY[role] ?? []).includes(needed);
}
