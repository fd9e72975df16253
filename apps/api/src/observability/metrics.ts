import {
  type Bell,
  type ControlDatabase,
  isDatabaseUnavailable,
  isRolloutFinal,
  isFinal,
  ROLLOUT_STATUSES,
  STATUSES,
} from '@postgres-manager/control-plane';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What is drawn from the database is asked for at most this often, however many scrape. */
const KEPT_MS = 5000;

/** Numbers for Prometheus. Labels are bounded: no target, no key, no id is one. */
export interface Metrics {
  readonly requests: Counter<'method' | 'route' | 'status'>;
  readonly requestSeconds: Histogram<'method' | 'route'>;
  text(): Promise<{ contentType: string; body: string }>;
}

export function createMetrics(db: ControlDatabase, bell: Bell): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new Counter({
    name: 'postgres_manager_http_requests_total',
    help: 'Answered requests.',
    labelNames: ['method', 'route', 'status'] as const,
    registers,
  });
  const requestSeconds = new Histogram({
    name: 'postgres_manager_http_request_duration_seconds',
    help: 'Time from a request to its answer.',
    labelNames: ['method', 'route'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 30, 60],
    registers,
  });
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> =>
    new Gauge({ name: `postgres_manager_${name}`, help, labelNames: [...labelNames], registers });
  const unfinished = gauge('deployments_unfinished', 'Deployments that are not final, by status.', ['status']);
  const oldest = gauge('oldest_queued_seconds', 'Age of the oldest deployment that is queued; 0 without one.');
  const ended = gauge('deployments_finished_last_hour', 'Deployments that ended within the last hour.', ['status']);
  const failures = gauge('failures_last_hour', 'Failed deployments of the last hour by SQLSTATE class.', ['class']);
  const waits = gauge('waiting_seconds_last_hour', 'From creation to start, within the last hour.', ['quantile']);
  const runs = gauge('running_seconds_last_hour', 'From start to end, within the last hour.', ['quantile']);
  const lockWaits = gauge('lock_wait_seconds_last_hour', 'Time spent waiting for locks on targets, last hour.');
  const retries = gauge('retries_last_hour', 'Attempts of the last hour that are to be repeated.');
  const workers = gauge('workers_alive', 'Workers heard of within 15 seconds.');
  const rollouts = gauge('rollouts_unfinished', 'Rollouts that have not come to their end, by status.', ['status']);
  const freezes = gauge('freezes_standing', 'Freezes that stand.');
  const webhooks = gauge('webhooks', 'Webhooks by state: on, failing, off.', ['state']);
  const jobs = gauge('queue_jobs', 'Jobs in Redis by state; -1 while Redis is away.', ['state']);
  const databaseUp = gauge(
    'control_database_up',
    '1 while the control database answers; at 0 the figures of deployments and workers are void.',
  );
  const fromDatabase = [
    unfinished,
    oldest,
    ended,
    failures,
    waits,
    runs,
    lockWaits,
    retries,
    workers,
    rollouts,
    freezes,
    webhooks,
  ];

  let asked = 0;
  const ask = async (): Promise<void> => {
    if (performance.now() - asked < KEPT_MS && asked > 0) return;
    const counts = bell.counts().catch(() => null);
    const figures = await readFigures(db).catch(voidWhileAway);
    asked = performance.now();
    databaseUp.set(figures === null ? 0 : 1);
    show(figures);
    jobs.reset();
    for (const [state, count] of Object.entries((await counts) ?? { unknown: -1 })) jobs.set({ state }, count);
  };
  const show = (figures: Figures | null): void => {
    if (figures === null) {
      for (const gauge of fromDatabase) gauge.reset();
      return;
    }
    for (const status of STATUSES.filter((each) => !isFinal(each))) unfinished.set({ status }, 0);
    for (const { status, count } of figures.unfinished) unfinished.set({ status }, count);
    oldest.set(figures.oldestSeconds);
    for (const status of ['succeeded', 'failed', 'cancelled', 'needs_attention']) ended.set({ status }, 0);
    for (const { status, count } of figures.ended) ended.set({ status }, count);
    failures.reset();
    for (const { class: sqlClass, count } of figures.failures) failures.set({ class: sqlClass }, count);
    for (const [i, quantile] of ['0.5', '0.95', '0.99'].entries()) {
      waits.set({ quantile }, figures.waits?.[i] ?? 0);
      runs.set({ quantile }, figures.runs?.[i] ?? 0);
    }
    lockWaits.set(figures.lockWaitSeconds);
    retries.set(figures.retries);
    workers.set(figures.workers);
    for (const status of UNFINISHED_ROLLOUTS) rollouts.set({ status }, 0);
    for (const { status, count } of figures.rollouts) rollouts.set({ status }, count);
    freezes.set(figures.freezes);
    for (const state of ['on', 'failing', 'off'] as const) webhooks.set({ state }, figures.webhooks[state]);
  };
  return {
    requests,
    requestSeconds,
    text: async () => {
      await ask();
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

interface Figures {
  unfinished: { status: string; count: number }[];
  oldestSeconds: number;
  ended: { status: string; count: number }[];
  failures: { class: string; count: number }[];
  waits: number[] | null;
  runs: number[] | null;
  lockWaitSeconds: number;
  retries: number;
  workers: number;
  rollouts: { status: string; count: number }[];
  freezes: number;
  webhooks: Readonly<Record<'on' | 'failing' | 'off', number>>;
}

const UNFINISHED_ROLLOUTS = ROLLOUT_STATUSES.filter((status) => !isRolloutFinal(status));

/** Null while the database is away, or its schema not there yet: the other numbers are told all the same. */
function voidWhileAway(error: unknown): null {
  const { code } = error as { code?: unknown };
  if (isDatabaseUnavailable(error) || code === '42P01' || code === '3F000') return null;
  throw error;
}

async function readFigures({ pool }: ControlDatabase): Promise<Figures> {
  const { rows } = await pool.query<{ figures: Figures }>(`
    WITH unfinished AS (
      SELECT status, created_at FROM control_plane.deployments
      WHERE status IN ('scheduled', 'queued', 'running', 'cancelling')
      -- Apart, each by its own index.
      UNION ALL SELECT status, created_at FROM control_plane.deployments WHERE status = 'awaiting_approval'
    ), recent AS (
      SELECT status, failure, created_at, started_at, finished_at FROM control_plane.deployments
      WHERE created_at > clock_timestamp() - interval '1 day' AND finished_at > clock_timestamp() - interval '1 hour'
    ), tries AS (
      SELECT a.outcome, a.lock_wait_ms FROM control_plane.deployments d
      JOIN control_plane.attempts a ON a.deployment_id = d.id
      WHERE d.created_at > clock_timestamp() - interval '1 day' AND a.finished_at > clock_timestamp() - interval '1 hour'
    ) SELECT jsonb_build_object(
      'unfinished', (SELECT coalesce(jsonb_agg(x), '[]') FROM (SELECT status, count(*) FROM unfinished GROUP BY 1) x),
      'oldestSeconds', (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0) FROM unfinished WHERE status = 'queued'),
      'ended', (SELECT coalesce(jsonb_agg(x), '[]') FROM (SELECT status, count(*) FROM recent GROUP BY 1) x),
      'failures', (SELECT coalesce(jsonb_agg(x), '[]') FROM (
        SELECT coalesce(left(failure ->> 'sqlstate', 2), 'none') AS class, count(*) FROM recent WHERE status = 'failed' GROUP BY 1) x),
      'waits', (SELECT percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM started_at - created_at)) FROM recent WHERE started_at IS NOT NULL),
      'runs', (SELECT percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - started_at)) FROM recent WHERE started_at IS NOT NULL),
      'lockWaitSeconds', (SELECT coalesce(sum(lock_wait_ms), 0) / 1000.0 FROM tries),
      'retries', (SELECT count(*) FROM tries WHERE outcome = 'retry'),
      'workers', (SELECT count(*) FROM control_plane.workers WHERE stopped_at IS NULL AND heartbeat_at > clock_timestamp() - interval '15 seconds'),
      'rollouts', (SELECT coalesce(jsonb_agg(x), '[]') FROM (SELECT status, count(*) FROM control_plane.rollouts
        WHERE status NOT IN ('succeeded', 'failed', 'cancelled') GROUP BY 1) x),
      'freezes', (SELECT count(*) FROM control_plane.freezes WHERE lifted_at IS NULL),
      'webhooks', (SELECT jsonb_build_object('off', count(*) FILTER (WHERE disabled IS NOT NULL),
        'failing', count(*) FILTER (WHERE disabled IS NULL AND failing_since IS NOT NULL),
        'on', count(*) FILTER (WHERE disabled IS NULL AND failing_since IS NULL))
        FROM control_plane.webhooks WHERE removed_at IS NULL)
    ) AS figures`);
  const [row] = rows;
  if (row === undefined) throw new Error('A query without a FROM gave no row.');
  return row.figures;
}
