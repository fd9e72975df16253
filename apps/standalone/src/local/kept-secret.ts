import { chmod, readFile, writeFile } from 'node:fs/promises';

/** A secret that is made once and read from its file ever after. */
export interface KeptSecret {
  readonly value: string;
  /** It was made just now. */
  readonly isNew: boolean;
}

/**
 * Reads a secret from its file, which nobody else can read; where there is none, makes it first.
 * @param make gives a new secret
 */
export async function keptSecret(file: string, make: () => string): Promise<KeptSecret> {
  let isNew = true;
  try {
    // Never over a file that is there: what the old secret has sealed would be lost.
    await writeFile(file, `${make()}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    isNew = false;
    await chmod(file, 0o600);
  }
  return { value: (await readFile(file, 'utf8')).trim(), isNew };
}
