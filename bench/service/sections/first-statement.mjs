import pg from 'pg';
import { quantile } from '../quantile.mjs';
import { startService } from '../service.mjs';
import { createDatabases, dropDatabases, registerTargets, storeBundle } from '../targets.mjs';

const DATABASE = 'first_statement';
const WARM_UP = 5;

/** From the POST until the first statement runs on a target where nothing else is going on; ms. */
export async function measureFirstStatement(context) {
  const { samples } = context.sizes;
  const service = await startService(context, { concurrency: 10 });
  try {
    await createDatabases(context, [DATABASE]);
    const target = new pg.Client({ connectionString: context.server.dsn(DATABASE) });
    await target.connect();
    try {
      await target.query('CREATE TABLE stamp (number integer PRIMARY KEY, at timestamptz NOT NULL)');
      await registerTargets(context, service, [DATABASE]);
      const times = [];
      for (let i = 0; i < samples + WARM_UP; i++) {
        const ms = await takeOne(service, target, i);
        if (i >= WARM_UP) times.push(ms);
      }
      return { samples, p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99), leastMs: Math.min(...times) };
    } finally {
      await target.end();
    }
  } finally {
    await service.stop();
    await dropDatabases(context, [DATABASE]);
  }
}

/** A new bundle each time, as in use: a file is applied once. It is stored before the clock runs. */
async function takeOne(service, target, number) {
  const path = `manual-deployment/${String(number).padStart(5, '0')}-stamp.sql`;
  const bundle = await storeBundle(service, { [path]: `INSERT INTO stamp VALUES (${number}, clock_timestamp());\n` });
  const posted = Date.now();
  const { id } = await service.call('POST', '/v1/deployments', { target: DATABASE, mode: 'manual-deployment', bundle });
  await untilSucceeded(service, id);
  const { rows } = await target.query(
    'SELECT (extract(epoch FROM at) * 1000)::float8 AS at FROM stamp WHERE number = $1',
    [number],
  );
  return rows[0].at - posted;
}

async function untilSucceeded({ url, key, call }, id) {
  // Watches the stream of events and not the row: asking again and again would take from what is measured.
  const events = await fetch(`${url}/v1/deployments/${id}/events`, { headers: { authorization: `Bearer ${key}` } });
  let seen = '';
  for await (const chunk of events.body.pipeThrough(new TextDecoderStream())) {
    seen += chunk;
    if (/^event: finished$/m.test(seen)) break;
  }
  const { status, failure } = await call('GET', `/v1/deployments/${id}`);
  if (status !== 'succeeded') throw new Error(`deployment ${id} ended as ${status}: ${JSON.stringify(failure)}`);
}
