import type { AnyRoute } from '../http/route.ts';
import { adminRoutes } from './admin.ts';
import { approvalRoutes } from './approvals.ts';
import { bundleRoutes } from './bundles.ts';
import { deploymentExportRoutes } from './deployment-export.ts';
import { deploymentRoutes } from './deployments.ts';
import { eventRoutes } from './events.ts';
import { freezeRoutes } from './freezes.ts';
import { fleetRoutes } from './fleet.ts';
import { meRoutes } from './me.ts';
import { pastEventRoutes } from './past-events.ts';
import { queueRoutes } from './queue.ts';
import { protectionRoutes } from './protections.ts';
import { rolloutSteeringRoutes } from './rollout-steering.ts';
import { rolloutRoutes } from './rollouts.ts';
import { signInRoutes } from './sign-in.ts';
import { targetRoutes } from './targets.ts';
import { webhookDeliveryRoutes } from './webhook-deliveries.ts';
import { webhookRoutes } from './webhooks.ts';

/** Every call of the API: mounted, checked and documented from this one list. */
export const ROUTES: readonly AnyRoute[] = [
  ...targetRoutes,
  ...bundleRoutes,
  // Before those of one deployment: `export` is no id.
  ...deploymentExportRoutes,
  ...deploymentRoutes,
  ...queueRoutes,
  ...fleetRoutes,
  ...freezeRoutes,
  ...protectionRoutes,
  ...rolloutRoutes,
  ...rolloutSteeringRoutes,
  ...pastEventRoutes,
  ...approvalRoutes,
  ...eventRoutes,
  ...meRoutes,
  ...signInRoutes,
  ...webhookRoutes,
  ...webhookDeliveryRoutes,
  ...adminRoutes,
];
