export {
  type Bundle,
  type BundleFile,
  FOLDERS,
  type Folder,
  MAX_FILE_BYTES,
  type Mode,
  type UnusableEntry,
} from './bundle/bundle.ts';
export { bundleFromFiles } from './bundle/bundle-from-files.ts';
export { readBundle } from './bundle/read-bundle.ts';
export { type ErrorCode, SqlDeployError } from './errors.ts';
export { deploy } from './execute/deploy.ts';
export type { AdmittedPlan, DeployOptions, TargetIdentity, TargetOptions } from './execute/options.ts';
export type {
  AppliedFile,
  EvictedEvent,
  Failure,
  PlannedStep,
  LedgerReport,
  Report,
  RunEvent,
  Status,
} from './execute/report.ts';
export { type BaselineOptions, type BaselineReport, enterBaseline } from './execute/enter-baseline.ts';
export { mayPass } from './execute/may-pass.ts';
export type { StepEvidence } from './plan/evidence.ts';
export { type KnownLedger, type KnownPlan, planFromKnown } from './plan/known-plan.ts';
export type { Resolution } from './plan/resolution.ts';
export { readRun, type ReadRunOptions, type RunOutcome, type UnfinishedFile } from './execute/read-run.ts';
export { type FileState, readStatus, type StatusOptions, type TargetStatus } from './execute/read-status.ts';
export { type ResolveOptions, type ResolveReport, resolveStep } from './execute/resolve-step.ts';
export { describeScript, type ScriptDescription } from './sql/describe-script.ts';
export { createScriptCache, type ScriptCache } from './sql/script-cache.ts';
export { caretLines } from './sql/source-position.ts';
export { type ConnectionSettings, describeConnection, parseDsn } from './target/dsn.ts';
export type { Problem, RuleName } from './validate/problem.ts';
export { validate } from './validate/validate.ts';
export { closest } from './validate/did-you-mean.ts';
export { formatOrdinalName, nextFreeOrdinal, parseOrdinalName } from './bundle/ordinal.ts';
