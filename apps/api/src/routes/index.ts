import type { AnyRoute } from '../http/route.ts';
import { adminRoutes } from './admin.ts';
import { approvalRoutes } from './approvals.ts';
import { bundleRoutes } from './bundles.ts';
import { deploymentRoutes } from './deployments.ts';
import { eventRoutes } from './events.ts';
import { freezeRoutes } from './freezes.ts';
import { fleetRoutes } from './fleet.ts';
import { protectionRoutes } from './protections.ts';
import { rolloutSteeringRoutes } from './rollout-steering.ts';
import { rolloutRoutes } from './rollouts.ts';
import { targetRoutes } from './targets.ts';

/** Every call of the API: mounted, checked and documented from this one list. */
export const ROUTES: readonly AnyRoute[] = [
  ...targetRoutes,
  ...bundleRoutes,
  ...deploymentRoutes,
  ...fleetRoutes,
  ...freezeRoutes,
  ...protectionRoutes,
  ...rolloutRoutes,
  ...rolloutSteeringRoutes,
  ...approvalRoutes,
  ...eventRoutes,
  ...adminRoutes,
];
