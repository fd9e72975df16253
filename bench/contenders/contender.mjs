import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * One way of bringing a folder of SQL files to a database.
 * @typedef {object} Contender
 * @property {string} id
 * @property {string} label
 * @property {string} setup for the report: how it is run, so that a reader can judge whether that is fair
 * @property {'quick' | 'steady' | 'slow'} pace how often it is run where the network makes it slow: see roundsFor
 * @property {string | null} unavailable why it can't run here
 * @property {string | null} ledgerSql counts the files it recorded as applied (`n`); null when it records nothing
 * @property {(files: {name: string, sql: string}[], directory: string) => void} prepare writes the files in its own form
 * @property {(directory: string, dsn: string) => {file: string, args: string[], env?: Record<string, string>}} command
 */

/**
 * Writes the files under numbered names.
 * @param {(ordinal: string, name: string) => string} fileName
 * @param {(sql: string) => string} [wrap] adds what the runner's own form asks for
 * @returns {string[]} the paths, in order
 */
export function writeNumbered(files, directory, { from, digits, fileName, wrap = (sql) => sql }) {
  return files.map(({ name, sql }, index) => {
    const path = join(directory, fileName(String(index + from).padStart(digits, '0'), name));
    writeFileSync(path, wrap(sql));
    return path;
  });
}

/** The path of a file of the benchmark's, from its folder. */
export function benchPath(path) {
  return new URL(`../${path}`, import.meta.url).pathname;
}
