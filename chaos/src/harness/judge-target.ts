import type { CountedFile } from './counted-files.ts';
import type { Target } from './targets.ts';

/** What a target's own data says of what ran there. Each is a list of sentences, one for each fault. */
export interface TargetFindings {
  readonly twice: string[];
  readonly missing: string[];
  readonly outOfOrder: string[];
  /** Files of which some statements are in and others not. */
  readonly partial: string[];
  /** Two executors in files at the same time. */
  readonly overlaps: string[];
  /** Files in the ledger that left no mark, and the other way round. */
  readonly ledger: string[];
}

interface MarkRow {
  file: string;
  part: number;
  application: string;
  xid: string;
  alone: boolean;
}

/**
 * Holds a target against what one undisturbed run of these files would have left.
 * @param files all that were deployed, in order
 */
export async function judgeTarget(target: Target, files: readonly CountedFile[]): Promise<TargetFindings> {
  const marks = await target.database.query<MarkRow>(
    'SELECT file, part, application, xid::text, alone FROM chaos.marks ORDER BY at, file, part',
  );
  const [overlap] = await target.database.query<{ count: number }>(
    'SELECT CASE WHEN is_called THEN last_value ELSE 0 END::int AS count FROM chaos.overlaps',
  );
  const findings: TargetFindings = {
    ...countMarks(target.name, marks, files),
    outOfOrder: findDisorder(target.name, marks),
    overlaps: Array.from({ length: overlap?.count ?? 0 }, (_, i) => `${target.name}: overlap ${i + 1}`),
    ledger: await compareLedger(target, new Set(marks.map(({ file }) => file))),
  };
  for (const { file, alone, application } of marks) {
    if (!alone && findings.overlaps.length === 0) findings.overlaps.push(`${target.name}: ${file} (${application})`);
  }
  return findings;
}

type Counts = Pick<TargetFindings, 'twice' | 'missing' | 'partial'>;

function countMarks(target: string, marks: readonly MarkRow[], files: readonly CountedFile[]): Counts {
  const counts = new Map<string, MarkRow[]>();
  for (const mark of marks) {
    const key = `${mark.file}/${mark.part}`;
    counts.set(key, [...(counts.get(key) ?? []), mark]);
  }
  const found: Counts = { twice: [], missing: [], partial: [] };
  for (const { label, parts } of files) {
    const byPart = Array.from({ length: parts }, (_, i) => counts.get(`${label}/${i + 1}`) ?? []);
    const times = byPart.map((rows) => rows.length);
    if (times.every((n) => n === 0)) found.missing.push(`${target}: ${label} left no mark`);
    else if (new Set(times).size > 1) found.partial.push(`${target}: ${label} left ${times.join(', ')} marks by part`);
    if (times.some((n) => n > 1)) {
      found.twice.push(`${target}: ${label} ran by ${byPart[0]?.map((row) => row.application).join(' and ')}`);
    }
  }
  return found;
}

function findDisorder(target: string, marks: readonly MarkRow[]): string[] {
  return marks.flatMap((mark, i) => {
    const before = marks[i - 1];
    return before !== undefined && before.file > mark.file ? [`${target}: ${before.file} ran before ${mark.file}`] : [];
  });
}

async function compareLedger({ name, database }: Target, marked: ReadonlySet<string>): Promise<string[]> {
  const [exists] = await database.query<{ there: boolean }>(
    `SELECT to_regclass('postgres_manager.ledger') IS NOT NULL AS there`,
  );
  const rows =
    exists?.there === true
      ? await database.query<{ label: string }>('SELECT left(file_name, 5) AS label FROM postgres_manager.ledger')
      : [];
  const entered = new Set(rows.map(({ label }) => label));
  return [
    ...[...marked].filter((file) => !entered.has(file)).map((file) => `${name}: ${file} ran and is not in the ledger`),
    ...[...entered]
      .filter((file) => !marked.has(file))
      .map((file) => `${name}: ${file} is in the ledger and left no mark`),
  ];
}

/** Those of many targets together. */
export function mergeFindings(all: readonly TargetFindings[]): TargetFindings {
  return {
    twice: all.flatMap((one) => one.twice),
    missing: all.flatMap((one) => one.missing),
    outOfOrder: all.flatMap((one) => one.outOfOrder),
    partial: all.flatMap((one) => one.partial),
    overlaps: all.flatMap((one) => one.overlaps),
    ledger: all.flatMap((one) => one.ledger),
  };
}
