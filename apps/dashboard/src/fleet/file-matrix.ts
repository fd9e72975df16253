import type { FleetTarget } from './fleet.ts';

/** How a file of the bundle stands on a target. */
export type FileState = 'applied' | 'pending' | 'changed' | 'failed' | 'running' | 'unknown';

/** A file of deployment/, as a column. */
export interface MatrixFile {
  readonly path: string;
  readonly ordinal: number;
}

/** The last files of a bundle's deployment/, in their order. */
export function lastFiles(paths: readonly string[], count: number): MatrixFile[] {
  return paths
    .flatMap((path) => {
      const [, digits] = /^deployment\/(\d+)-.*\.sql$/.exec(path) ?? [];
      return digits === undefined ? [] : [{ path, ordinal: Number(digits) }];
    })
    .sort((a, b) => a.ordinal - b.ordinal)
    .slice(-count);
}

/**
 * How each of the files stands on a target. Files are applied in their order and without gaps, so the highest ordinal
 * that is applied tells all of them; the first that is not is the one that failed or runs.
 */
export function fileStates(target: FleetTarget, files: readonly MatrixFile[]): FileState[] {
  if (target.fingerprint === null) return files.map(() => 'unknown');
  const applied = target.ordinal ?? -1;
  let isFirst = true;
  return files.map(({ path, ordinal }) => {
    if (target.changed.includes(path)) return 'changed';
    if (ordinal <= applied) return 'applied';
    const first = isFirst;
    isFirst = false;
    if (first && target.state === 'failed') return 'failed';
    if (first && target.lastDeployment?.status === 'running') return 'running';
    return 'pending';
  });
}
