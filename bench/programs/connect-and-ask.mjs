// A bare Node program that connects with pg and runs one query.
// Usage: node connect-and-ask.mjs DSN

import pg from 'pg';

const client = new pg.Client({ connectionString: process.argv[2] });
await client.connect();
await client.query('SELECT 1');
await client.end();
