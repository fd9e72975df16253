import type { Bundle, Folder, TargetOptions } from '@postgres-manager/sql-deploy';
import { parseDsn } from '@postgres-manager/sql-deploy';
import type { TargetFlags } from '../invocation.ts';
import type { Watch } from '../signals.ts';
import { CommandError } from '../stop.ts';

/**
 * The library's options from the flags; what was not given is left to the library.
 * @throws SqlDeployError dsn_invalid
 */
export function targetOptions(flags: TargetFlags, watch: Watch): TargetOptions {
  return {
    connection: parseDsn(flags.dsn),
    acceptIdentity: flags.acceptIdentity,
    acceptPooler: flags.acceptPooler,
    ...(flags.connectTimeoutMs === null ? {} : { connectTimeoutMs: flags.connectTimeoutMs }),
    ...(flags.lockWaitMs === null ? {} : { lockWaitMs: flags.lockWaitMs }),
    ...(flags.lockTimeoutMs === null ? {} : { lockTimeoutMs: flags.lockTimeoutMs }),
    ...(flags.statementTimeoutMs === null ? {} : { statementTimeoutMs: flags.statementTimeoutMs }),
    ...(flags.appliedBy === null ? {} : { appliedBy: flags.appliedBy }),
    onEvent: watch.onEvent,
    signal: watch.abortSignal,
  };
}

/**
 * Refuses a root without the folder that is asked for: most often it is the wrong root.
 * @param folder null when any of the three will do
 * @throws CommandError folder_missing
 */
export function requireFolder(bundle: Bundle, folder: Folder | null): void {
  if (folder === null ? bundle.folders.size > 0 : bundle.folders.has(folder)) return;
  throw new CommandError(
    'folder_missing',
    folder === null
      ? 'there is no create/, deployment/ or manual-deployment/ here'
      : `there is no folder ${folder}/ here`,
    'Run the command in the folder that holds create/, deployment/ and manual-deployment/, or name it with --root.',
  );
}
