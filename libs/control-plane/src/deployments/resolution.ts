import type { StepEvidence } from '@postgres-manager/sql-deploy';

/** What a person found on the target: all of the file's work is there, or none of it. */
export type ResolutionOutcome = 'applied' | 'not-applied';

/** A person's answer about an interrupted file, as a deployment's row carries it. */
export interface StoredResolution {
  /** Relative to the bundle's root. */
  readonly file: string;
  readonly outcome: ResolutionOutcome;
  /** Which interruption it is about: the worker enters it for no other. */
  readonly evidence: StepEvidence;
}
