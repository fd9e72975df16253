import { type DeploymentStatus, isFinal, mayGo, STATUSES } from '@postgres-manager/control-plane';

/** One deployment as the model knows it. */
export interface Known {
  readonly id: string;
  readonly target: number;
  /** How many of the files its bundle has. */
  readonly files: number;
  readonly isDryRun: boolean;
  status: DeploymentStatus;
  isCancelAsked: boolean;
}

/** What has been asked of the service, and what has been done to it. */
export interface Model {
  readonly deployments: Known[];
  /** By target: how often an answer was taken that a file is to run again. */
  readonly notApplied: number[];
  /** By target: an answer was taken that it is applied. */
  readonly applied: number[];
  /** By target: the gate was shut at some time. */
  readonly wasShut: boolean[];
  /** By target: nothing ran there without an approval at some time. */
  readonly wasProtected: boolean[];
}

export function newModel(targets: number): Model {
  const zeros = (): number[] => Array.from({ length: targets }, () => 0);
  return {
    deployments: [],
    notApplied: zeros(),
    applied: zeros(),
    wasShut: Array.from({ length: targets }, () => false),
    wasProtected: Array.from({ length: targets }, () => false),
  };
}

/** Whether a deployment that was in the one status may be in the other now, however many steps that took. */
export function mayBecome(from: DeploymentStatus, to: DeploymentStatus): boolean {
  const seen = new Set<DeploymentStatus>([from]);
  for (const status of seen) for (const next of STATUSES) if (mayGo(status, next)) seen.add(next);
  return seen.has(to);
}

/** Takes in what was seen of a deployment. @throws Error for a change that there can't be */
export function see(known: Known, status: DeploymentStatus): void {
  if (!mayBecome(known.status, status)) throw new Error(`${known.id} went from ${known.status} to ${status}`);
  if (status === 'cancelled' && !known.isCancelAsked) throw new Error(`${known.id} was cancelled by nobody`);
  if (status === 'scheduled') throw new Error(`${known.id} is scheduled, and nobody asked for that`);
  known.status = status;
}

export function isOver(known: Known): boolean {
  return isFinal(known.status);
}
