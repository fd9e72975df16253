import type { Random } from '../random.ts';
import type { Service } from './service.ts';

/** A file that counts itself. */
export interface CountedFile {
  /** As it marks itself, and the beginning of its name. */
  readonly label: string;
  readonly path: string;
  readonly sql: string;
  /** How many marks one run of it leaves. */
  readonly parts: number;
}

const mark = (label: string, part: number): string =>
  `insert into chaos.marks (file, part) values ('${label}', ${part});`;

/** Each kind goes its own way through the product: as plain data, guarded, with definitions, in several statements. */
const KINDS: readonly ((label: string, pauseMs: number) => { sql: string; parts: number })[] = [
  (label) => ({ sql: mark(label, 1), parts: 1 }),
  (label, pauseMs) => ({
    sql: `${mark(label, 1)}\nselect pg_sleep(${pauseMs / 1000});\n${mark(label, 2)}`,
    parts: 2,
  }),
  (label, pauseMs) => ({
    sql: `set local work_mem = '8MB';\n${mark(label, 1)}\ndo $$ begin perform pg_sleep(${pauseMs / 1000}); end $$;\n${mark(label, 2)}\n${mark(label, 3)}`,
    parts: 3,
  }),
  (label) => ({ sql: `create table chaos.made_${label} (a integer);\n${mark(label, 1)}`, parts: 1 }),
  (label, pauseMs) => ({
    sql: `begin;\n${mark(label, 1)}\nselect pg_sleep(${pauseMs / 2000});\n${mark(label, 2)}\ncommit;`,
    parts: 2,
  }),
];

/** Files of deployment/ by ordinal, kinds mixed. */
export function countedFiles(random: Random, count: number, pauseMs: number): CountedFile[] {
  return Array.from({ length: count }, (_, index) => {
    const label = String(index).padStart(5, '0');
    const made = random.pick(KINDS)(label, pauseMs);
    return { label, path: `deployment/${label}-counted.sql`, ...made };
  });
}

/** @returns the digest */
export async function storeBundle(
  { http }: Service,
  files: readonly { readonly path: string; readonly sql: string }[],
): Promise<string> {
  const answer = await http.insist<{ digest: string; problems: unknown[] }>('POST', '/v1/bundles', {
    files: files.map(({ path, sql }) => ({ path, content: sql })),
  });
  if (answer.problems.length > 0) throw new Error(`The bundle has problems: ${JSON.stringify(answer.problems)}`);
  return answer.digest;
}
