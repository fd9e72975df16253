import { type ComponentType, lazy, type LazyExoticComponent } from 'react';
import type { IconName } from './ui/icon.tsx';

/** A view and its address. */
export interface ViewRoute {
  /** As wouter has it: `/rollouts/:id`. */
  readonly path: string;
  readonly view: LazyExoticComponent<ComponentType>;
  /** How it stands in the menu; without it is reached from elsewhere. */
  readonly menu?: { readonly title: string; readonly icon: IconName };
}

/** Each view is a file of its own, fetched when it is gone to. */
function view<Name extends string>(
  load: () => Promise<Record<Name, ComponentType>>,
  name: Name,
): LazyExoticComponent<ComponentType> {
  return lazy(async () => ({ default: (await load())[name] }));
}

/** Every view there is, in the order of the menu. A view reads its parts of the address with `useParams` of wouter. */
export const ROUTES: readonly ViewRoute[] = [
  {
    path: '/',
    view: view(() => import('./fleet/fleet-view.tsx'), 'FleetView'),
    menu: { title: 'Fleet', icon: 'fleet' },
  },
  {
    path: '/rollouts',
    view: view(() => import('./rollouts/rollouts-view.tsx'), 'RolloutsView'),
    menu: { title: 'Rollouts', icon: 'rollouts' },
  },
  { path: '/rollouts/:id', view: view(() => import('./rollouts/rollout-view.tsx'), 'RolloutView') },
  { path: '/deployments/:id', view: view(() => import('./deployment/deployment-view.tsx'), 'DeploymentView') },
  {
    path: '/queue',
    view: view(() => import('./queue/queue-view.tsx'), 'QueueView'),
    menu: { title: 'Queue', icon: 'queue' },
  },
];
