import { constants } from 'node:fs';
import { access, mkdir, readdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatOrdinalName } from '@postgres-manager/sql-deploy';
import type { NewInvocation } from '../invocation.ts';
import { fileHeader, nextOrdinal, slugOf } from '../new-file.ts';
import { type Outcome, outcomeOf } from '../outcome.ts';
import { CommandError } from '../stop.ts';

const ATTEMPTS = 20;

/** Writes the next file of deployment/ or manual-deployment/, and prints its path. */
export async function runNew(invocation: NewInvocation): Promise<Outcome> {
  const startedAt = Date.now();
  const slug = slugOf(invocation.name);
  const directory = join(invocation.root, invocation.folder);
  await openFolder(invocation.root, directory);
  const name = await writeNext(directory, slug, invocation.folder);
  const path = `${invocation.folder}/${name}`;
  return outcomeOf({ status: 'succeeded', durationMs: Date.now() - startedAt }, { path }, (paint) => [
    paint.line(join(invocation.root, path)),
  ]);
}

async function openFolder(root: string, directory: string): Promise<void> {
  try {
    await access(root, constants.R_OK);
  } catch {
    throw new CommandError(
      'root_missing',
      'the root folder does not exist or can not be read',
      'Check the path given to --root.',
    );
  }
  await mkdir(directory).catch((error: unknown) => {
    if (errnoOf(error) !== 'EEXIST') throw unwritable(error);
  });
}

/** Takes the next ordinal, also when somebody else does the same at this moment. */
async function writeNext(directory: string, slug: string, folder: NewInvocation['folder']): Promise<string> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const name = formatOrdinalName({ ordinal: nextOrdinal(await list(directory)), rest: slug });
    const path = join(directory, name);
    try {
      await writeFile(path, fileHeader(name, folder), { flag: 'wx' });
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') continue;
      throw unwritable(error);
    }
    const ordinal = name.slice(0, 6);
    const rivals = (await list(directory)).filter((other) => other.startsWith(ordinal) && other !== name);
    if (rivals.length === 0) return name;
    // Another `new` took the ordinal under another name: who sees the other steps back, and tries the next one.
    await unlink(path);
    await sleep(Math.random() * 20 * attempt);
  }
  throw new CommandError(
    'file_exists',
    'the next ordinal is taken again and again by somebody else',
    'Run the command again.',
  );
}

async function list(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    throw unwritable(error);
  }
}

function unwritable(error: unknown): CommandError {
  const code = errnoOf(error) ?? 'unknown error';
  return new CommandError(
    'file_unwritable',
    `the folder or file can't be written (${code})`,
    'Check its permissions and the free space.',
  );
}

function errnoOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
