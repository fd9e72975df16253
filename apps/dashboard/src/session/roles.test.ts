import { expect, test } from 'vitest';
import { roleMay } from './roles.ts';

test.each([
  ['viewer', { listTargets: true, createDeployment: false, approveDeployment: false, createKey: false }],
  ['deployer', { listTargets: true, createDeployment: true, approveDeployment: false, createKey: false }],
  ['approver', { listTargets: true, createDeployment: false, approveDeployment: true, createKey: false }],
  ['admin', { listTargets: true, createDeployment: true, approveDeployment: false, createKey: true }],
  ['a role of tomorrow', { listTargets: false, createDeployment: false, approveDeployment: false, createKey: false }],
] as const)('a key of the role %s is offered what the API lets it do', (role, wanted) => {
  for (const [operation, may] of Object.entries(wanted)) {
    expect([operation, roleMay(role, operation as keyof typeof wanted)]).toEqual([operation, may]);
  }
});
