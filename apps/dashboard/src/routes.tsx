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
  {
    path: '/targets',
    view: view(() => import('./targets/targets-view.tsx'), 'TargetsView'),
    menu: { title: 'Targets', icon: 'targets' },
  },
  { path: '/targets/:name', view: view(() => import('./targets/target-view.tsx'), 'TargetView') },
  {
    path: '/bundles',
    view: view(() => import('./bundles/bundles-view.tsx'), 'BundlesView'),
    menu: { title: 'Bundles', icon: 'bundles' },
  },
  { path: '/bundles/new', view: view(() => import('./bundles/new-bundle-view.tsx'), 'NewBundleView') },
  { path: '/bundles/:digest', view: view(() => import('./bundles/bundle-view.tsx'), 'BundleView') },
  {
    path: '/deployments',
    view: view(() => import('./history/history-view.tsx'), 'HistoryView'),
    menu: { title: 'History', icon: 'history' },
  },
  { path: '/start', view: view(() => import('./start/start-view.tsx'), 'StartView') },
];
