/**
 * The files of the model test, in order. Each that is run says so in a table without a key, so that a second run, or one
 * out of order, shows in the target's own data.
 */
const SAYS = (file: string): string => `INSERT INTO runs (file) VALUES ('${file}');`;
const SHUT = `IF EXISTS (SELECT FROM shut) THEN RAISE 'the gate is shut'; END IF;`;

/** The file that is half done whenever it is run while there is a jam: only a person can tell what became of it. */
export const STUCK = 'deployment/00003-stuck.sql';
/** The file that fails, and is rolled back, while the gate is shut. */
export const GATED = 'deployment/00002-gated.sql';

const FILES: readonly (readonly [path: string, content: string])[] = [
  ['deployment/00000-plain.sql', SAYS('0')],
  ['deployment/00001-slow.sql', `${SAYS('1')} SELECT pg_sleep(0.15);`],
  [GATED, `${SAYS('2')} DO $$ BEGIN ${SHUT} END $$;`],
  [STUCK, '-- transactional: false\nCALL work();'],
  ['deployment/00004-slow.sql', `${SAYS('4')} SELECT pg_sleep(0.15); ${SAYS('4 again')}`],
  ['deployment/00005-last.sql', SAYS('5')],
];

/** What a target has before its first deployment: a jam, so that people are asked. */
export const SETUP = `
  CREATE TABLE runs (n serial, file text); CREATE TABLE calls (n serial); CREATE TABLE shut (); CREATE TABLE jam ();
  INSERT INTO jam DEFAULT VALUES;
  CREATE PROCEDURE work() LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO calls DEFAULT VALUES; COMMIT; PERFORM pg_sleep(0.1);
    IF EXISTS (SELECT FROM jam) THEN RAISE 'jammed'; END IF;
  END $$;`;

export const MOST_FILES = FILES.length;

/** The first files: what a commit of that day held. */
export function firstFiles(count: number): Record<string, string> {
  return Object.fromEntries(FILES.slice(0, count));
}

/** What a file says in `runs`, in order; none for the one that says it in `calls`. */
export function saidBy(path: string): string[] {
  const content = FILES.find(([candidate]) => candidate === path)?.[1] ?? '';
  return [...content.matchAll(/VALUES \('([^']+)'\)/g)].map(([, said = '']) => said);
}

/** Paths of the first files. */
export function firstPaths(count: number): string[] {
  return FILES.slice(0, count).map(([path]) => path);
}
