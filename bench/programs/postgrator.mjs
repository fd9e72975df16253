// Runs postgrator over a folder, as its manual shows.
// Usage: node postgrator.mjs DSN FOLDER

import { join } from 'node:path';
import pg from 'pg';
import Postgrator from 'postgrator';

const [dsn, folder] = process.argv.slice(2);
const client = new pg.Client({ connectionString: dsn });
await client.connect();
const postgrator = new Postgrator({
  migrationPattern: join(folder, '*.sql'),
  driver: 'pg',
  database: client.database,
  execQuery: (query) => client.query(query),
});
await postgrator.migrate();
await client.end();
