import type { Answer } from '../api/client.ts';

/** How a file stands on a target, as `ui/status.ts` has it. */
export type FileState = 'applied' | 'pending' | 'changed' | 'failed' | 'missing' | 'never_seen';

/** A file of deployment/, as a column. */
export interface MatrixFile {
  readonly path: string;
  /** What its name begins with: `00012`. */
  readonly ordinal: string;
}

/** Files of deployment/ across targets: one state for each of the files, by target. */
export interface FileMatrix {
  readonly files: readonly MatrixFile[];
  readonly states: ReadonlyMap<string, readonly FileState[]>;
}

const LETTERS: Readonly<Record<string, FileState>> = {
  a: 'applied',
  p: 'pending',
  c: 'changed',
  f: 'failed',
  m: 'missing',
  '?': 'never_seen',
};

/** The matrix out of the answer of the service, which has a letter for each file and target. */
export function fileMatrix({ files, targets }: Answer<'getFleetFiles'>): FileMatrix {
  return {
    files: files.map(({ path }) => ({ path, ordinal: /^deployment\/(\d+)/.exec(path)?.[1] ?? '' })),
    states: new Map(
      targets.map(({ target, states }) => [target, [...states].map((letter) => LETTERS[letter] ?? 'never_seen')]),
    ),
  };
}
