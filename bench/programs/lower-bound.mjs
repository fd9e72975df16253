// The least that can be done: all files of a folder in one query.
// Usage: node lower-bound.mjs DSN FOLDER

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

const [dsn, folder] = process.argv.slice(2);
const client = new pg.Client({ connectionString: dsn });
const connected = client.connect();
const files = readdirSync(folder)
  .sort()
  .map((name) => readFileSync(join(folder, name), 'utf8'));
await connected;
await client.query(files.join('\n'));
await client.end();
