import { type Bundle, type Folder, type Mode, readBundle, validate } from '@postgres-manager/sql-deploy';
import { CommandError } from '../../stop.ts';
import { expectRecord, expectText } from '../views/fields.ts';
import type { Service } from './service.ts';
import { ServiceError } from './service-error.ts';

/** From so many bytes on, it is worth asking first whether the service has the bundle already. */
const WORTH_ASKING_BYTES = 1024 * 1024;
const UPLOAD_TIMEOUT_MS = 600_000;

/**
 * Takes a snapshot of a folder and gives it to the service, which judges it.
 * @param mode the deployment it is for; null when any of the three folders will do
 * @returns the bundle's digest
 * @throws ServiceError 3, for what can't be put into a bundle at all: a link that leads outside, a file that is too large
 */
export async function pushBundle(service: Service, folder: string, mode: Mode | null): Promise<string> {
  const bundle = await read(folder);
  if (mode !== null && !bundle.folders.has(mode)) {
    throw new CommandError(
      'folder_missing',
      `there is no folder ${mode}/ in the folder given`,
      'Give the folder that holds create/, deployment/ and manual-deployment/ after --bundle.',
    );
  }
  await refuseUnusable(bundle, mode);
  const sizeBytes = bundle.files.reduce((sum, file) => sum + file.bytes.length, 0);
  if (sizeBytes >= WORTH_ASKING_BYTES && (await isThere(service, bundle.digest))) return bundle.digest;
  const { body } = await service.ask({
    method: 'POST',
    path: '/v1/bundles',
    // Named by its content: sent twice, it is there once.
    repeatable: true,
    compressed: true,
    timeoutMs: UPLOAD_TIMEOUT_MS,
    body: { files: bundle.files.map((file) => ({ path: file.path, ...contentOf(file.bytes) })) },
  });
  const digest = expectText(expectRecord(body, 'the bundle'), 'digest');
  if (digest === bundle.digest) return digest;
  throw new ServiceError(
    'bundle_differs',
    `the service names the bundle ${digest}, and here it is ${bundle.digest}: it has not understood the same files; nothing was deployed`,
    'Something between here and the service changes what is sent, or the two are of versions that do not fit together.',
    { exitCode: 4 },
  );
}

async function read(folder: string): Promise<Bundle> {
  try {
    return await readBundle(folder);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'root_missing')) throw error;
    const hint = 'Give the folder that holds create/, deployment/ and manual-deployment/ after --bundle.';
    throw new CommandError('root_missing', error.message, hint);
  }
}

/** The service judges what it is sent; only of what can't be sent it would never hear. */
async function refuseUnusable(bundle: Bundle, mode: Mode | null): Promise<void> {
  const concerns = (folder: Folder): boolean =>
    mode === null || folder === mode || (mode === 'create' && folder === 'deployment');
  if (!bundle.unusable.some((entry) => concerns(entry.folder))) return;
  const problems = (await validate(bundle)).filter((problem) => concerns(problem.path.split('/', 1)[0] as Folder));
  throw new ServiceError(
    'bundle_invalid',
    'the files are not in order; nothing was sent to the service',
    'Mend the files above and run the same command again.',
    { exitCode: 3, status: 'invalid', problems },
  );
}

/** A bundle's name is its content: what the service has under it need not be sent. */
async function isThere(service: Service, digest: string): Promise<boolean> {
  try {
    await service.ask({ method: 'GET', path: `/v1/bundles/${digest}` });
    return true;
  } catch (error) {
    if (error instanceof ServiceError && error.exitCode === 2) return false;
    throw error;
  }
}

/** Text as text, so that a person can read a request; a byte order mark is part of the file, and is kept. */
function contentOf(bytes: Uint8Array): { content: string } | { contentBase64: string } {
  try {
    return { content: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { contentBase64: Buffer.from(bytes).toString('base64') };
  }
}
