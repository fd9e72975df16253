import type { CountedFile } from './counted-files.ts';

/**
 * Files that take room, and count themselves before and after.
 * @param kilobytes what each takes in the target, about
 * @param pauseMs how long each stands still before it takes it
 */
export function bulkyFiles(count: number, kilobytes: number, pauseMs: number): CountedFile[] {
  return Array.from({ length: count }, (_, index) => {
    const label = String(index).padStart(5, '0');
    const mark = (part: number): string => `insert into chaos.marks (file, part) values ('${label}', ${part});`;
    const fill = `create table chaos.bulk_${label} as
  select i, repeat(md5(i::text), 30) as filling from generate_series(1, ${kilobytes}) i;`;
    return {
      label,
      path: `deployment/${label}-bulky.sql`,
      sql: `${mark(1)}\nselect pg_sleep(${pauseMs / 1000});\n${fill}\n${mark(2)}`,
      parts: 2,
    };
  });
}
