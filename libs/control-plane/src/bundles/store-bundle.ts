import type { Bundle, Problem } from '@postgres-manager/sql-deploy';
import type { Actor } from '../audit/actor.ts';
import { writeAudit } from '../audit/write-audit.ts';
import { type ControlDatabase, inTransaction } from '../database/control-database.ts';

/** So many bytes of file contents go into one statement. */
const CONTENT_BATCH_BYTES = 4 * 1024 * 1024;

/**
 * Keeps a bundle with the validator's verdict. The same content is kept once, whoever brings it and how often.
 * @param bundle without unusable entries: what can't be read can't be kept
 * @returns whether it was new
 */
export async function storeBundle(
  db: ControlDatabase,
  bundle: Bundle,
  problems: readonly Problem[],
  actor: Actor,
): Promise<boolean> {
  if (bundle.unusable.length > 0) throw new Error('A bundle with unusable entries cannot be stored.');
  return inTransaction(db, async (transaction) => {
    const { rowCount } = await transaction.query(
      `INSERT INTO control_plane.bundles (digest, problems, file_count, size_bytes, created_by)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT (digest) DO NOTHING`,
      [
        bundle.digest,
        JSON.stringify(problems),
        bundle.files.length,
        bundle.files.reduce((sum, file) => sum + file.bytes.length, 0),
        actor.name,
      ],
    );
    if (rowCount === 0) return false;
    for (const batch of batches(bundle)) {
      // Sorted by digest, as the bundles of all do: two that share files don't deadlock.
      await transaction.query(
        `INSERT INTO control_plane.file_contents (sha256, content)
         SELECT * FROM unnest($1::text[], $2::bytea[]) ON CONFLICT (sha256) DO NOTHING`,
        [batch.map((file) => file.sha256), batch.map((file) => Buffer.from(file.bytes))],
      );
    }
    await transaction.query(
      `INSERT INTO control_plane.bundle_files (bundle_digest, path, sha256, size_bytes)
       SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[])`,
      [
        bundle.digest,
        bundle.files.map((file) => file.path),
        bundle.files.map((file) => file.sha256),
        bundle.files.map((file) => file.bytes.length),
      ],
    );
    await writeAudit(transaction, actor, {
      action: 'bundle.store',
      subjectType: 'bundle',
      subject: bundle.digest,
      detail: { files: bundle.files.length, problems: problems.length },
    });
    return true;
  });
}

function* batches(bundle: Bundle): Generator<Bundle['files'][number][]> {
  const distinct = new Map(bundle.files.map((file) => [file.sha256, file]));
  const sorted = [...distinct.values()].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
  let batch: Bundle['files'][number][] = [];
  let size = 0;
  for (const file of sorted) {
    batch.push(file);
    size += file.bytes.length;
    if (size < CONTENT_BATCH_BYTES) continue;
    yield batch;
    batch = [];
    size = 0;
  }
  if (batch.length > 0) yield batch;
}
