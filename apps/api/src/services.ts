import type {
  Bell,
  ControlDatabase,
  DeploymentEvent,
  Ringer,
  RolloutEvent,
  RolloutMover,
} from '@postgres-manager/control-plane';
import type { Logger } from 'pino';
import type { ApiConfig } from './api-config.ts';
import type { BundleDesk } from './bundles/bundle-desk.ts';
import type { EntryDesk } from './deployments/entry-desk.ts';
import type { Callers } from './http/caller.ts';
import type { AllEvents } from './live/all-events.ts';
import type { EventWatch } from './live/event-watch.ts';
import type { StreamPlaces } from './live/stream-places.ts';
import type { QueuePage } from './queue-page/queue-page.ts';
import type { Metrics } from './observability/metrics.ts';

/** What the routes work with. */
export interface Services {
  readonly config: ApiConfig;
  /** Of the service. */
  readonly version: string;
  readonly db: ControlDatabase;
  readonly bell: Bell;
  readonly callers: Callers;
  readonly bundles: BundleDesk;
  readonly entries: EntryDesk;
  readonly ringer: Ringer;
  readonly rollouts: RolloutMover;
  readonly events: EventWatch<DeploymentEvent>;
  readonly rolloutEvents: EventWatch<RolloutEvent>;
  readonly allEvents: AllEvents;
  readonly streams: StreamPlaces;
  readonly exports: StreamPlaces;
  /** Null where it is off. */
  readonly queuePage: QueuePage | null;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** False until the control database's schema is in place. */
  readonly isStarted: () => boolean;
  /** Aborted when the process stops: streams end, waits answer. */
  readonly stopping: AbortSignal;
}
