import type { ControlDatabase } from '../database/control-database.ts';
import { CHAIN_START, type ChainedRow, type ChainHead, hashOfRow } from './chain.ts';

/** The first place where the log is not as it was written. */
export interface AuditFault {
  /**
   * - `missing`: there is no row of this number, though there are later ones.
   * - `altered`: the row, or its place, is not what was hashed when it was written. An inserted row shows so, too.
   * - `cut_off`: the log ends before the head that was given.
   * - `rewritten`: it is in order in itself, but another one than that of the head that was given.
   */
  readonly kind: 'missing' | 'altered' | 'cut_off' | 'rewritten';
  readonly seq: string;
  /** In words. */
  readonly message: string;
}

/** What became of a verification. */
export interface AuditVerdict {
  readonly intact: boolean;
  /** How many rows are in order, from the first. */
  readonly rows: number;
  /** The last row that is in order; null for none. */
  readonly head: ChainHead | null;
  readonly firstFault: AuditFault | null;
}

const PAGE = 1000;

/**
 * Recomputes the whole chain, page by page, from the rows themselves. Rows that are written meanwhile are left to the
 * next time.
 * @param known a head that was noted before, elsewhere: the log must still hold it
 */
export async function verifyAudit(db: ControlDatabase, known: ChainHead | null): Promise<AuditVerdict> {
  const last = await lastSeq(db);
  let seq = 0n;
  let hash = CHAIN_START;
  const headOf = (): ChainHead | null => (seq === 0n ? null : { seq: String(seq), hash: hash.toString('hex') });
  const broken = (kind: AuditFault['kind'], at: bigint | string, message: string): AuditVerdict => ({
    intact: false,
    rows: Number(seq),
    head: headOf(),
    firstFault: { kind, seq: String(at), message },
  });
  while (seq < last) {
    const page = await readPage(db, seq, last);
    if (page.length === 0) return broken('missing', seq + 1n, `There is no row ${seq + 1n}, and there was one.`);
    for (const row of page) {
      if (BigInt(row.seq) !== seq + 1n) {
        return broken('missing', seq + 1n, `There is no row ${seq + 1n}; the one after ${seq} is ${row.seq}.`);
      }
      const computed = hashOfRow(hash, row);
      if (!computed.equals(row.hash)) return broken('altered', row.seq, whatIsAltered(row));
      seq += 1n;
      hash = computed;
      if (known !== null && row.seq === known.seq && known.hash.toLowerCase() !== hash.toString('hex')) {
        return broken('rewritten', row.seq, `Row ${row.seq} is in order in itself, but is not that of the head given.`);
      }
    }
  }
  if (known !== null && BigInt(known.seq) > seq) {
    return broken('cut_off', seq + 1n, `The log ends at row ${seq}, before the head given (row ${known.seq}).`);
  }
  return { intact: true, rows: Number(seq), head: headOf(), firstFault: null };
}

function whatIsAltered({ seq, id, at }: ChainedRow): string {
  return `Row ${seq} (id ${id}, of ${at}) does not go with its hash and the row before it: it was changed, or put there, or one before it was taken away.`;
}

async function lastSeq({ pool }: ControlDatabase): Promise<bigint> {
  const { rows } = await pool.query<{ seq: string }>(
    'SELECT coalesce(max(seq), 0) AS seq FROM control_plane.audit_log',
  );
  return BigInt(rows[0]?.seq ?? '0');
}

interface PageRow {
  seq: string;
  id: string;
  at: string;
  actor: string;
  key_id: string | null;
  request_id: string | null;
  action: string;
  subject_type: string;
  subject: string;
  detail: string;
  hash: Buffer;
}

async function readPage({ pool }: ControlDatabase, after: bigint, last: bigint): Promise<ChainedRow[]> {
  const { rows } = await pool.query<PageRow>({
    name: 'verify-audit-page',
    text: `SELECT seq, id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, actor, key_id, request_id,
        action, subject_type, subject, detail::text AS detail, hash
      FROM control_plane.audit_log WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3`,
    values: [String(after), String(last), PAGE],
  });
  return rows.map(({ key_id, request_id, subject_type, ...row }) => ({
    ...row,
    keyId: key_id,
    requestId: request_id,
    subjectType: subject_type,
  }));
}
