export { type Bundle, type BundleFile, FOLDERS, type Folder, MAX_FILE_BYTES, type Mode, type UnusableEntry } from './bundle/bundle.ts';
export { bundleFromFiles } from './bundle/bundle-from-files.ts';
export { readBundle } from './bundle/read-bundle.ts';
export { type ErrorCode, SqlDeployError } from './errors.ts';
export { deploy } from './execute/deploy.ts';
export type { DeployOptions, TargetOptions } from './execute/options.ts';
export type { Failure, PlannedStep, Report, RunEvent, Status } from './execute/report.ts';
export {
  type BaselineOptions,
  type BaselineReport,
  enterBaseline,
  type FileState,
  readStatus,
  type ResolveOptions,
  type ResolveReport,
  resolveStep,
  type StatusOptions,
  type TargetStatus,
} from './execute/settle.ts';
export { caretLines } from './sql/source-position.ts';
export { type ConnectionSettings, describeConnection, parseDsn } from './target/dsn.ts';
export type { Problem, RuleName } from './validate/problem.ts';
export { validate } from './validate/validate.ts';
