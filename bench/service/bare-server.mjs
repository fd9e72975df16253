// What the API's accepting is measured against: the least that such a service could be made of.
import { Queue } from 'bullmq';
import express from 'express';
import pg from 'pg';

const { DATABASE_URL, REDIS_URL, PORT, POOL_SIZE } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: Number(POOL_SIZE) });
const [host, port] = new URL(REDIS_URL).host.split(':');
const queue = new Queue('bare', { connection: { host, port: Number(port) }, prefix: '{bare}' });
await pool.query(`CREATE TABLE IF NOT EXISTS deployments (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  target text NOT NULL, mode text NOT NULL, bundle text NOT NULL, status text NOT NULL DEFAULT 'queued',
  created_at timestamptz NOT NULL DEFAULT now())`);

const app = express();
app.use(express.json());
app.get('/readyz', (_request, response) => response.json({ ready: true }));
app.post('/v1/deployments', async (request, response) => {
  const { target, mode, bundle } = request.body;
  const { rows } = await pool.query({
    name: 'insert-deployment',
    text: 'INSERT INTO deployments (target, mode, bundle) VALUES ($1, $2, $3) RETURNING *',
    values: [target, mode, bundle],
  });
  await queue.add('run', { deploymentId: rows[0].id });
  response.status(202).json(rows[0]);
});
app.listen(Number(PORT), '127.0.0.1');
