import type { AnyRoute } from '../http/route.ts';
import { adminRoutes } from './admin.ts';
import { bundleRoutes } from './bundles.ts';
import { deploymentRoutes } from './deployments.ts';
import { eventRoutes } from './events.ts';
import { freezeRoutes } from './freezes.ts';
import { fleetRoutes } from './fleet.ts';
import { rolloutSteeringRoutes } from './rollout-steering.ts';
import { rolloutRoutes } from './rollouts.ts';
import { targetRoutes } from './targets.ts';
import { webhookDeliveryRoutes } from './webhook-deliveries.ts';
import { webhookRoutes } from './webhooks.ts';

/** Every call of the API: mounted, checked and documented from this one list. */
export const ROUTES: readonly AnyRoute[] = [
  ...targetRoutes,
  ...bundleRoutes,
  ...deploymentRoutes,
  ...fleetRoutes,
  ...freezeRoutes,
  ...rolloutRoutes,
  ...rolloutSteeringRoutes,
  ...eventRoutes,
  ...webhookRoutes,
  ...webhookDeliveryRoutes,
  ...adminRoutes,
];
