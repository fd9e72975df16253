import { createHash } from 'node:crypto';
import type { Mode } from '@postgres-manager/sql-deploy';
import type { ResolutionOutcome } from '../deployments/resolution.ts';

/** One file that is to be run. */
export interface ApprovedStep {
  readonly path: string;
  readonly sha256: string;
}

/**
 * Where a plan comes from. ledger: the target's ledger as it was last seen. worker: a worker made it there, and stopped
 * before it ran anything. never_seen: nobody has been there, and the plan is all that could be run.
 */
export type PlanBasis = 'ledger' | 'worker' | 'never_seen';

/** What an approver is shown, and approves by its digest. */
export interface ApprovalPlan {
  /** SHA-256 over the rest: whoever approves names it. */
  readonly plan: string;
  readonly target: string;
  /** Where the target's DSN leads, without a secret. */
  readonly address: string;
  readonly bundle: string;
  readonly mode: Mode;
  readonly onError: 'stop' | 'continue';
  readonly resolution: { readonly file: string; readonly outcome: ResolutionOutcome } | null;
  readonly basis: PlanBasis;
  /** In the order in which they run. */
  readonly steps: readonly ApprovedStep[];
  /** Why nothing would be run, as far as is known; null: nothing is in the way. */
  readonly stop: { readonly code: string; readonly message: string } | null;
}

/** An approval as it may be shown. */
export interface ApprovalInfo {
  readonly by: string;
  readonly at: string;
  /** The digest of the plan that it is for. */
  readonly plan: string;
}

/** An approval as it is kept: bound to what was shown. */
export interface Approval extends ApprovalInfo {
  readonly keyId: string | null;
  readonly address: string;
  readonly basis: PlanBasis;
  readonly steps: readonly ApprovedStep[];
}

/** Names a plan: the same digest, the same files on the same target in the same way. */
export function withDigest(content: Omit<ApprovalPlan, 'plan'>): ApprovalPlan {
  const { target, address, bundle, mode, onError, resolution, basis, steps } = content;
  const isAtMost = basis === 'never_seen';
  const canonical = JSON.stringify([
    target,
    address,
    bundle,
    mode,
    onError,
    resolution === null ? null : [resolution.file, resolution.outcome],
    isAtMost,
    steps.map(({ path, sha256 }) => [path, sha256]),
  ]);
  return { plan: createHash('sha256').update(canonical).digest('hex'), ...content };
}

/** How what a run is about to do departs from what was approved: paths. */
export interface Departure {
  /** Would be run, and were not approved: not at all, not with these bytes, or not in this order. */
  readonly notApproved: readonly string[];
  /** Were approved, and would not be run: somebody else applied them since. */
  readonly notPlanned: readonly string[];
  /** The target's DSN leads elsewhere now; null: it does not. */
  readonly address: { readonly approved: string; readonly now: string } | null;
}

/** What a run is about to do, and where. */
export interface AboutToRun {
  readonly address: string;
  readonly steps: readonly ApprovedStep[];
  /** Files that earlier attempts of the deployment applied. */
  readonly appliedEarlier: readonly { readonly path: string }[];
}

/**
 * Compares what a run is about to do with what was approved; pure.
 *
 * What earlier attempts of the deployment applied counts as done; all that is left of the approved steps, and nothing
 * else, must be planned, in the approved order. Of a target that nobody had seen any part of the approved steps may.
 * @returns null when it may run
 */
export function departureFrom(
  approval: Pick<Approval, 'address' | 'basis' | 'steps'>,
  { address, steps, appliedEarlier }: AboutToRun,
): Departure | null {
  const done = new Set(appliedEarlier.map(({ path }) => path));
  const left = approval.steps.filter(({ path }) => !done.has(path));
  const notApproved: string[] = [];
  const notPlanned: string[] = [];
  let place = 0;
  for (const { path, sha256 } of steps) {
    const at = left.findIndex((step, index) => index >= place && step.path === path && step.sha256 === sha256);
    if (at === -1) {
      notApproved.push(path);
      continue;
    }
    notPlanned.push(...left.slice(place, at).map((step) => step.path));
    place = at + 1;
  }
  notPlanned.push(...left.slice(place).map((step) => step.path));
  const missed = approval.basis === 'never_seen' ? [] : notPlanned;
  const moved = approval.address === address ? null : { approved: approval.address, now: address };
  if (notApproved.length === 0 && missed.length === 0 && moved === null) return null;
  return { notApproved, notPlanned: missed, address: moved };
}

const MOST_NAMED = 3;

/** A departure in a sentence, for people. */
export function departureText({ notApproved, notPlanned, address }: Departure): string {
  const list = (paths: readonly string[]): string =>
    `${paths.slice(0, MOST_NAMED).join(', ')}${paths.length > MOST_NAMED ? ` and ${paths.length - MOST_NAMED} more` : ''}`;
  return [
    ...(address === null ? [] : [`approved for ${address.approved}, and the target is ${address.now} now`]),
    ...(notApproved.length > 0 ? [`would be run there, and not approved: ${list(notApproved)}`] : []),
    ...(notPlanned.length > 0 ? [`approved, and applied there by somebody else since: ${list(notPlanned)}`] : []),
  ].join('; ');
}
