import { type Bundle, type Folder, type KnownLedger, type Mode, planFromKnown } from '@postgres-manager/sql-deploy';
import type { Queryable } from '../database/control-database.ts';
import { type ApprovalPlan, withDigest } from './approval.ts';

/** What is to be brought where. */
export interface Wanted {
  readonly target: string;
  readonly address: string;
  readonly mode: Mode;
  readonly onError: 'stop' | 'continue';
  readonly resolution: ApprovalPlan['resolution'];
}

/** A bundle as far as a plan depends on it: paths and digests, and the bytes of `order.json` alone. */
export async function loadOutline(db: Queryable, digest: string): Promise<Bundle> {
  const { rows } = await db.query<{ path: string; sha256: string; content: Buffer | null }>(
    `SELECT f.path, f.sha256, c.content FROM control_plane.bundle_files f
     LEFT JOIN control_plane.file_contents c ON c.sha256 = f.sha256 AND f.path LIKE '%/order.json'
     WHERE f.bundle_digest = $1 ORDER BY f.path COLLATE "C"`,
    [digest],
  );
  const files = rows.map(({ path, sha256, content }) => {
    const folder = path.slice(0, path.indexOf('/')) as Folder;
    return { path, folder, name: path.slice(folder.length + 1), bytes: content ?? new Uint8Array(), sha256 };
  });
  return { digest, files, unusable: [], folders: new Set(files.map(({ folder }) => folder)) };
}

/** The plan for a target by its ledger as it was last seen. An answer about an interrupted file is carried out first. */
export function planByLedger(outline: Bundle, wanted: Wanted, ledger: KnownLedger | null): ApprovalPlan {
  const { target, address, mode, onError, resolution } = wanted;
  const settled =
    ledger === null || resolution?.outcome !== 'applied'
      ? ledger
      : { ...ledger, files: [...ledger.files, { path: resolution.file, sha256: null }] };
  const { steps, stop } = planFromKnown(outline, mode, settled);
  const basis = ledger === null ? 'never_seen' : 'ledger';
  return withDigest({ target, address, bundle: outline.digest, mode, onError, resolution, basis, steps, stop });
}
