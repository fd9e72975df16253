import { Agent, get } from 'node:http';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { quantile } from '../quantile.mjs';
import { startService } from '../service.mjs';

const DIGEST = '0'.repeat(64);
const WARM_UP = 20;
const PAGE = 10;
/** So few in the smallest history that each mixture still fills its page: else it would be measured with less to do. */
const MOST_ROWS_OF_TARGET = 2000;
const LEAST_TARGETS = 4;

/** p95 of GET /v1/deployments for each mixture of filters and each size of the history; ms. */
export async function measureHistory(context) {
  const { historySizes, historySamples } = context.sizes;
  const services = [];
  try {
    for (const size of historySizes) {
      const service = await startService(context, { concurrency: null });
      services.push({ size, service });
      await fill(context, service, size);
      context.log(`  ${size.toLocaleString('en')} rows are in`);
    }
    await context.admin.query('CHECKPOINT');
    return {
      samples: historySamples,
      page: PAGE,
      sizes: historySizes,
      mixtures: await measureAll(services, historySamples),
    };
  } finally {
    for (const { service } of services) await service.stop();
  }
}

/** Sizes take turns with every single request. */
async function measureAll(services, samples) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const results = [];
  try {
    for (const { label, query } of mixtures()) {
      const times = services.map(() => []);
      for (let i = 0; i < samples + WARM_UP; i++) {
        for (const [index, { size, service }] of services.entries()) {
          const { ms, items } = await ask(agent, service, query(size));
          if (items !== PAGE) throw new Error(`${label} at ${size} rows gave ${items} deployments and not ${PAGE}`);
          if (i >= WARM_UP) times[index].push(ms);
        }
      }
      results.push({
        label,
        p50Ms: times.map((of) => quantile(of, 0.5)),
        p95Ms: times.map((of) => quantile(of, 0.95)),
      });
    }
  } finally {
    agent.destroy();
  }
  return results;
}

function mixtures() {
  const target = 'target=target-1';
  const between = (size) => `createdAfter=${minute(size - 400)}&createdBefore=${minute(size - 100)}`;
  return [
    { label: 'none', query: () => '' },
    { label: 'target', query: () => target },
    { label: 'mode', query: () => 'mode=create' },
    { label: 'status', query: () => 'status=needs_attention' },
    { label: 'target, status', query: () => `${target}&status=failed` },
    { label: 'target, mode', query: () => `${target}&mode=deployment` },
    { label: 'mode, status', query: () => 'mode=create&status=failed' },
    { label: 'target, mode, status', query: () => `${target}&mode=deployment&status=failed` },
    { label: 'rollout', query: () => `rollout=${rollout(1)}` },
    { label: 'rollout, status', query: () => `rollout=${rollout(1)}&status=succeeded` },
    { label: 'created between', query: between },
    { label: 'status, created between', query: (size) => `${between(size)}&status=failed` },
    {
      label: 'target, mode, status, created before',
      query: (size) => `${target}&mode=deployment&status=succeeded&createdBefore=${minute(size - 100)}`,
    },
    { label: 'none, the page in the middle', query: (size) => `cursor=${cursorAt(size / 2)}` },
  ];
}

/** Rows are a minute apart. */
const FIRST_MINUTE = Date.UTC(2020, 0, 1) / 60_000;
const minute = (row) => new Date((FIRST_MINUTE + row) * 60_000).toISOString();
const rollout = (number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

function cursorAt(row) {
  const cursor = { createdMicros: String((FIRST_MINUTE + row) * 60_000_000), seq: String(row) };
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

async function ask(agent, { url, key }, query) {
  const started = performance.now();
  const answer = await new Promise((resolve, reject) => {
    const options = { agent, headers: { authorization: `Bearer ${key}` } };
    get(`${url}/v1/deployments?limit=${PAGE}&${query}`, options, resolve).once('error', reject);
  });
  const body = await text(answer);
  const ms = performance.now() - started;
  if (answer.statusCode !== 200) throw new Error(`GET /v1/deployments?${query}: ${answer.statusCode} ${body}`);
  return { ms, items: JSON.parse(body).items.length };
}

/** Straight into the tables: targets, modes and statuses spread by a hash, one rollout for each thousand rows. */
async function fill({ server }, { name }, size) {
  const targets = Math.max(LEAST_TARGETS, Math.floor(size / MOST_ROWS_OF_TARGET));
  const client = new pg.Client({ connectionString: server.dsn(name) });
  await client.connect();
  try {
    await client.query(`INSERT INTO control_plane.bundles (digest, problems, file_count, size_bytes, created_by)
      VALUES ('${DIGEST}', '[]', 1, 1, 'bench')`);
    await client.query(`INSERT INTO control_plane.targets (name, dsn_env)
      SELECT 'target-' || i, 'BENCH_TARGET_DSN' FROM generate_series(0, ${targets - 1}) i`);
    await client.query(`INSERT INTO control_plane.deployments (target_id, target_name, mode, bundle_digest, status,
        summary, rollout_id, created_at, created_by, started_at, finished_at, attempt, last_event)
      SELECT t.id, t.name, (ARRAY['create', 'deployment', 'manual-deployment'])[1 + abs(hashint8(i + 1e10::bigint) % 3)],
        '${DIGEST}', CASE WHEN s < 70 THEN 'succeeded' WHEN s < 90 THEN 'failed' WHEN s < 95 THEN 'cancelled'
          ELSE 'needs_attention' END,
        jsonb_build_object('result', 'succeeded', 'applied', jsonb_build_array('deployment/00000-rooms.sql'), 'skipped', 0,
          'baselined', 0, 'adopted', 0, 'notStarted', '[]'::jsonb, 'failures', '[]'::jsonb),
        ('00000000-0000-4000-8000-' || lpad(((i - 1) / 1000 + 1)::text, 12, '0'))::uuid, at, 'bench', at, at, 1, 4
      FROM generate_series(1, ${size}::bigint) i
        CROSS JOIN LATERAL (SELECT abs(hashint8(i + 2e10::bigint) % 100) AS s,
          'epoch'::timestamptz + (${FIRST_MINUTE}::bigint + i) * interval '1 minute' AS at) f
        JOIN control_plane.targets t ON t.name = 'target-' || abs(hashint8(i) % ${targets})`);
    await client.query('VACUUM ANALYZE');
  } finally {
    await client.end();
  }
}
