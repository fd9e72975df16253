import { hasRole, type Role } from '@postgres-manager/control-plane';
import { expect, test } from 'vitest';
import type { OperationId } from '../src/api/client.ts';
import { OPERATIONS } from '../src/api/operations.ts';
import { roleMay } from '../src/session/roles.ts';

test.each(['viewer', 'deployer', 'approver', 'admin'] as const)(
  'the page offers a %s what the API lets one do',
  (role) => {
    for (const operation of Object.keys(OPERATIONS) as OperationId[]) {
      const needed: Role | null = OPERATIONS[operation].role;
      expect([operation, roleMay(role, operation)]).toEqual([operation, needed === null || hasRole(role, needed)]);
    }
  },
);

test('a role that the page does not know is offered nothing', () => {
  expect(roleMay('owner', 'createDeployment')).toBe(false);
});
