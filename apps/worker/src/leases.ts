import { type ControlDatabase, type Held, renewLeases } from '@postgres-manager/control-plane';
import type { AbortReason } from './settle.ts';

/** A deployment in this worker's hands. */
export class Lease {
  readonly held: Held;
  readonly #controller = new AbortController();
  #reason: AbortReason | null = null;
  /** `performance.now()` of when the last renewal that succeeded was sent off. */
  renewedAt: number;

  constructor(held: Held, renewedAt: number) {
    this.held = held;
    this.renewedAt = renewedAt;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Null while it may go on. */
  get reason(): AbortReason | null {
    return this.#reason;
  }

  /** Tells the run to stop. A loss outweighs what was said before: then nothing may be written any more. */
  abort(reason: AbortReason): void {
    if (this.#reason === null || reason === 'lease_lost') this.#reason = reason;
    this.#controller.abort();
  }
}

export interface LeaseOptions {
  readonly leaseMs: number;
  readonly onFault: (error: unknown) => void;
  readonly onWell: () => void;
}

/** So much before the lease ends a run is stopped that could not be renewed: its statement has to be out by then. */
const SAFETY = 0.25;

/** All deployments in this worker's hands: kept, and let go of when they are another's. */
export class Leases {
  readonly #control: ControlDatabase;
  readonly #options: LeaseOptions;
  readonly #leases = new Set<Lease>();
  #renewing: Promise<void> | null = null;

  constructor(control: ControlDatabase, options: LeaseOptions) {
    this.#control = control;
    this.#options = options;
  }

  get size(): number {
    return this.#leases.size;
  }

  /** @param claimedAt `performance.now()` from before it was claimed */
  add(held: Held, claimedAt: number): Lease {
    const lease = new Lease(held, claimedAt);
    this.#leases.add(lease);
    return lease;
  }

  remove(lease: Lease): void {
    this.#leases.delete(lease);
  }

  isHeld(deploymentId: string): boolean {
    return [...this.#leases].some(({ held }) => held.id === deploymentId);
  }

  abortAll(reason: AbortReason): void {
    for (const lease of this.#leases) lease.abort(reason);
  }

  /** Stops what may be given to another soon. To be called often: it asks nobody. */
  stopOverdue(): void {
    const latest = performance.now() - this.#options.leaseMs * (1 - SAFETY);
    for (const lease of this.#leases) {
      if (lease.renewedAt < latest) lease.abort('control_database_away');
    }
  }

  /** Renews all leases, one statement at a time. Never rejects. */
  renew(): Promise<void> {
    this.#renewing ??= this.#renewAll().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #renewAll(): Promise<void> {
    const asked = [...this.#leases];
    if (asked.length === 0) return;
    const sentAt = performance.now();
    try {
      const renewed = await renewLeases(
        this.#control,
        asked.map(({ held }) => held),
        this.#options.leaseMs,
      );
      const byId = new Map(renewed.map((row) => [row.id, row]));
      for (const lease of asked) {
        const row = byId.get(lease.held.id);
        // One that ended while the statement was under way is not in the set any more, and nothing to it.
        if (row === undefined) lease.abort('lease_lost');
        else lease.renewedAt = sentAt;
        if (row?.cancelling === true) lease.abort('cancelled');
      }
      this.#options.onWell();
    } catch (error) {
      this.#options.onFault(error);
    }
  }
}
