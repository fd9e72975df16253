import { randomUUID } from 'node:crypto';
import {
  type ClaimedDelivery,
  claimDeliveries,
  createWebhook,
  disableWebhook,
  enableWebhook,
  enterTestDelivery,
  findDelivery,
  findWebhook,
  generateWebhookSecret,
  listDeliveries,
  noteDelivered,
  NOTHING_INTERNAL,
  readInternalAllowance,
  removeWebhook,
  resendDelivery,
  rotateWebhookSecret,
  sealWebhookSecret,
  type WebhookDeliveryDetail,
} from '@postgres-manager/control-plane';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { TESTER } from '../../../test-support/control-database.ts';
import { startCluster } from '../../../test-support/postgres-cluster.ts';
import { anyServer } from '../../../test-support/servers.ts';
import { type Receiver, startReceiver, verify } from './support/receiver.ts';
import { eventually, openStage, QUICK, type Stage } from './support/stage.ts';
import { startQuickProcess } from './support/worker-process.ts';

const LOOPBACK = { webhooksMayReach: readInternalAllowance('127.0.0.1') ?? NOTHING_INTERNAL };
const GOOD = { 'deployment/00000-a.sql': 'SELECT 1;' };

interface Registered {
  readonly id: string;
  readonly secret: string;
}

async function register(
  { db, keyring }: Pick<Stage, 'db' | 'keyring'>,
  url: string,
  asked: { events?: string[]; labels?: Record<string, string> } = {},
): Promise<Registered> {
  const id = randomUUID();
  const secret = generateWebhookSecret();
  const { events = ['*'], labels = {} } = asked;
  const sealed = sealWebhookSecret(secret, id, keyring);
  await createWebhook(db.control, { id, url, description: null, events, labels, secret: sealed }, TESTER);
  return { id, secret };
}

const sendTest = ({ db }: Stage, id: string) => enterTestDelivery(db.control, id, TESTER);
const rows = async ({ db }: Stage, text: string): Promise<Record<string, unknown>[]> => db.database.query(text);
const delivery = (stage: Stage, id: string, of: { readonly id: string }): Promise<WebhookDeliveryDetail> =>
  findDelivery(stage.db.control, id, of.id);
const ended = (stage: Stage, id: string, of: { readonly id: string }): Promise<WebhookDeliveryDetail> =>
  eventually(
    () => delivery(stage, id, of),
    ({ status }) => status !== 'pending',
  );

describe('what is told', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
    onTestFinished(() => stage.close());
  });

  const worker = (target = stage) => target.worker(LOOPBACK);
  const typesOf = ({ received }: Receiver, target: string): string[] =>
    received.filter(({ data }) => data['target'] === target).map(({ type }) => type);

  test('without a webhook nothing is recorded', async () => {
    await worker();
    const { name } = await stage.target();
    await stage.final(await stage.deploy(name, await stage.bundle(GOOD)));
    expect(await rows(stage, 'SELECT FROM control_plane.webhook_deliveries')).toEqual([]);
  });

  test('each status of a deployment, signed as others verify it, with its failure and nothing secret', async () => {
    const receiver = await startReceiver();
    const { secret } = await register(stage, receiver.url);
    await worker();
    const { name, database } = await stage.target();
    const bundle = await stage.bundle({ ...GOOD, 'deployment/00001-b.sql': 'SELECT 1;\nSELECT wrong;' });
    const id = await stage.deploy(name, bundle);
    const [failed] = await receiver.got(({ type }) => type === 'deployment.failed');
    await receiver.got(() => true, 3);
    expect(typesOf(receiver, name).sort()).toEqual(['deployment.failed', 'deployment.queued', 'deployment.running']);
    for (const message of receiver.received) {
      expect(verify(message, secret)).toEqual(JSON.parse(message.body));
      expect(() => verify(message, generateWebhookSecret())).toThrow('No matching signature');
      expect(message.headers).toMatchObject({ 'content-type': 'application/json' });
      expect(message.headers['user-agent']).toMatch(/^postgres-manager\/\d/);
      for (const hidden of [database.connection.password ?? '?', 'SELECT wrong']) {
        expect(message.body).not.toContain(hidden);
      }
    }
    expect(failed?.data).toEqual({
      id,
      target: name,
      mode: 'deployment',
      bundle,
      dryRun: false,
      status: 'failed',
      failure: {
        code: 'sql_error',
        message: expect.stringContaining('column "wrong" does not exist') as unknown,
        file: 'deployment/00001-b.sql',
        line: 2,
        column: 8,
        sqlstate: '42703',
      },
      rollout: null,
      retryOf: null,
      createdBy: 'tester',
      createdAt: expect.stringMatching(/Z$/) as unknown,
      startedAt: expect.stringMatching(/Z$/) as unknown,
      finishedAt: expect.stringMatching(/Z$/) as unknown,
      href: `/v1/deployments/${id}`,
    });
  });

  test('waiting for a busy target again and again is told once', async () => {
    const receiver = await startReceiver();
    await register(stage, receiver.url);
    await worker();
    const { name, database } = await stage.target();
    const holder = await database.connect();
    const { LOCK_KEY } = await import('../../../libs/sql-deploy/src/target/lock.ts');
    await holder.query(`SELECT pg_advisory_lock(${LOCK_KEY})`);
    const id = await stage.deploy(name, await stage.bundle(GOOD));
    await eventually(
      () => rows(stage, `SELECT epoch FROM control_plane.deployments WHERE id = '${id}'`),
      ([row]) => Number(row?.['epoch']) >= 3,
    );
    await holder.query(`SELECT pg_advisory_unlock(${LOCK_KEY})`);
    await receiver.got(({ type }) => type === 'deployment.succeeded');
    await receiver.got(() => true, 3);
    expect(typesOf(receiver, name).sort()).toEqual(['deployment.queued', 'deployment.running', 'deployment.succeeded']);
  });

  test('only what was asked for, by type and by label', async () => {
    const { name } = await stage.target();
    const { name: other } = await stage.target();
    await stage.db.database.query(`UPDATE control_plane.targets SET labels = '{"env": "prod"}' WHERE name = $1`, [
      name,
    ]);
    const ends = await register(stage, 'https://a.example/', { events: ['deployment.succeeded', 'rollout.*'] });
    const prod = await register(stage, 'https://b.example/', { events: ['deployment.*'], labels: { env: 'prod' } });
    const none = await register(stage, 'https://c.example/', { labels: { env: 'staging' } });
    await stage.worker();
    const bundle = await stage.bundle(GOOD);
    for (const target of [name, other]) await stage.final(await stage.deploy(target, bundle));
    const told = async (webhook: Registered): Promise<string[]> =>
      (
        await rows(
          stage,
          `SELECT type, body FROM control_plane.webhook_deliveries WHERE webhook_id = '${webhook.id}' ORDER BY seq`,
        )
      ).map(
        ({ type, body }) =>
          `${(JSON.parse(String(body)) as { data: { target: string } }).data.target === name ? 1 : 2} ${String(type)}`,
      );
    expect(await told(ends)).toEqual(['1 deployment.succeeded', '2 deployment.succeeded']);
    expect(await told(prod)).toEqual(['1 deployment.queued', '1 deployment.running', '1 deployment.succeeded']);
    expect(await told(none)).toEqual([]);
  });

  test('what an older process changes is told, too, and what is rolled back is not', async () => {
    const { name } = await stage.target();
    const { id } = await register(stage, 'https://a.example/');
    const deployment = await stage.deploy(name, await stage.bundle(GOOD));
    const client = await stage.db.database.connect();
    await client.query('BEGIN');
    await client.query(`UPDATE control_plane.deployments SET status = 'failed' WHERE id = $1`, [deployment]);
    await client.query('ROLLBACK');
    await client.query(`UPDATE control_plane.deployments SET status = 'cancelled' WHERE id = $1`, [deployment]);
    const { items } = await listDeliveries(stage.db.control, id, { status: null, before: null, limit: 10 });
    expect(items.map(({ type }) => type)).toEqual(['deployment.cancelled', 'deployment.queued']);
  });
});

describe('how it is sent', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
    onTestFinished(() => stage.close());
  });

  test('tried again after a failure: the same id and bytes, signed anew', async () => {
    const receiver = await startReceiver((response, nth) =>
      nth < 3 ? response.writeHead(500).end('out\nof order') : response.writeHead(200).end(),
    );
    const { id, secret } = await register(stage, receiver.url);
    await stage.worker(LOOPBACK);
    const sent = await sendTest(stage, id);
    const done = await ended(stage, id, sent);
    expect(done).toMatchObject({
      status: 'succeeded',
      tries: 3,
      nextAttemptAt: null,
      attempts: [
        { status: 500, error: 'The receiver answered 500.', answer: 'out of order' },
        { status: 500 },
        { status: 200, error: null, answer: null },
      ],
      message: { type: 'webhook.test', data: { webhook: id, by: 'tester' } },
    });
    expect(receiver.received.map((message) => message.id)).toEqual([sent.id, sent.id, sent.id]);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    for (const message of receiver.received) verify(message, secret);
    expect(await findWebhook(stage.db.control, id)).toMatchObject({
      failingSince: null,
      lastFailure: expect.anything() as unknown,
    });
  });

  test('given up after its last try; sent again by hand it begins anew', async () => {
    let isWell = false;
    const receiver = await startReceiver((response) => response.writeHead(isWell ? 200 : 503).end());
    const { id } = await register(stage, receiver.url);
    await stage.worker(LOOPBACK);
    const sent = await sendTest(stage, id);
    expect(await ended(stage, id, sent)).toMatchObject({ status: 'failed', tries: 4 });
    isWell = true;
    expect(await resendDelivery(stage.db.control, id, sent.id, TESTER)).toMatchObject({ status: 'pending', tries: 0 });
    expect(await ended(stage, id, sent)).toMatchObject({ status: 'succeeded', tries: 1, attempts: { length: 5 } });
    expect(new Set(receiver.received.map((message) => message.id))).toEqual(new Set([sent.id]));
    const audit = await rows(
      stage,
      `SELECT action, detail FROM control_plane.audit_log WHERE subject_type = 'webhook' ORDER BY id`,
    );
    expect(audit.map(({ action }) => action)).toEqual(['webhook.create', 'webhook.test', 'webhook.resend']);
    // A path may hold a token.
    expect(JSON.stringify(audit)).not.toContain('token-in-the-path');
  });

  test('a redirect is not followed', async () => {
    const other = await startReceiver();
    const receiver = await startReceiver((response) => response.writeHead(307, { location: other.url }).end());
    const { id } = await register(stage, receiver.url);
    await stage.worker(LOOPBACK);
    const done = await ended(stage, id, await sendTest(stage, id));
    expect(done.attempts[0]).toMatchObject({
      status: 307,
      error: expect.stringContaining('redirects are not followed') as unknown,
    });
    expect(other.received).toEqual([]);
  });

  test('nothing is sent to an internal address that is not allowed', async () => {
    const receiver = await startReceiver();
    const { id } = await register(stage, receiver.url);
    await stage.worker();
    const done = await ended(stage, id, await sendTest(stage, id));
    expect(done).toMatchObject({
      status: 'failed',
      attempts: [{ status: null, error: expect.stringContaining('internal') as unknown }, {}, {}, {}],
    });
    expect(receiver.received).toEqual([]);
  });

  test('one that hangs does not hold up another, and takes no more than its places', async () => {
    const slow = await startReceiver(() => undefined);
    const quick = await startReceiver();
    const { id: hanging } = await register(stage, slow.url);
    const { id } = await register(stage, quick.url);
    for (let i = 0; i < 10; i++) await sendTest(stage, hanging);
    await stage.worker({ ...LOOPBACK, timing: { ...QUICK, webhookTimeoutMs: 600_000, webhookLeaseMs: 600_000 } });
    await slow.got(() => true, 4);
    for (let i = 0; i < 20; i++) await sendTest(stage, id);
    await quick.got(() => true, 20);
    expect(slow.received).toHaveLength(4);
  });

  test('a receiver that is down gets one message at a time, and all of them once it is up', async () => {
    let isWell = false;
    let underWay = 0;
    const together: number[] = [];
    const receiver = await startReceiver((response) => {
      together.push(++underWay);
      setTimeout(() => {
        underWay--;
        response.writeHead(isWell ? 200 : 500).end();
      }, 30);
    });
    const { id } = await register(stage, receiver.url);
    const sent = [];
    for (let i = 0; i < 20; i++) sent.push(await sendTest(stage, id));
    const timing = { ...QUICK, webhookWaitsMs: Array.from({ length: 1000 }, () => 50), webhookLookMs: 20 };
    await Promise.all([1, 2].map(() => stage.worker({ ...LOOPBACK, timing })));
    await receiver.got(() => true, 16);
    // The first places of either worker, and what was claimed before these were noted.
    expect(Math.max(...together.slice(12))).toBe(1);
    expect((await findWebhook(stage.db.control, id)).failingSince).not.toBeNull();
    isWell = true;
    await Promise.all(sent.map((one) => ended(stage, id, one)));
    expect(await findWebhook(stage.db.control, id)).toMatchObject({ failingSince: null, restsUntil: null });
  });

  test('Retry-After lets the webhook rest, not only the message', async () => {
    const receiver = await startReceiver((response) => response.writeHead(429, { 'retry-after': '600' }).end());
    const witness = await startReceiver();
    const { id } = await register(stage, receiver.url);
    const { id: other } = await register(stage, witness.url);
    await stage.worker(LOOPBACK);
    await sendTest(stage, id);
    const { restsUntil } = await eventually(
      () => findWebhook(stage.db.control, id),
      (seen) => seen.restsUntil !== null,
    );
    expect(Date.parse(String(restsUntil)) - Date.now()).toBeGreaterThan(590_000);
    const later = await sendTest(stage, id);
    // What is sent to another one after that shows that it was looked for.
    await ended(stage, other, await sendTest(stage, other));
    await ended(stage, other, await sendTest(stage, other));
    expect(await delivery(stage, id, later)).toMatchObject({ status: 'pending', tries: 0 });
    expect(receiver.received).toHaveLength(1);
  });

  test('410 switches it off at once; the others are told, and it is told nothing more until it is switched on', async () => {
    let isGone = true;
    const receiver = await startReceiver((response) => response.writeHead(isGone ? 410 : 200).end());
    const witness = await startReceiver();
    const { id } = await register(stage, receiver.url);
    await register(stage, witness.url, { events: ['webhook.disabled'] });
    await stage.worker(LOOPBACK);
    const sent = await sendTest(stage, id);
    const [told] = await witness.got(({ type }) => type === 'webhook.disabled');
    expect(told?.data).toMatchObject({ webhook: id, reason: expect.stringContaining('410') as unknown, by: 'worker' });
    expect(told?.body).not.toContain('token-in-the-path');
    expect(await delivery(stage, id, sent)).toMatchObject({ status: 'failed', tries: 1 });
    expect((await findWebhook(stage.db.control, id)).disabled).toMatchObject({ by: 'worker' });
    await expect(sendTest(stage, id)).rejects.toMatchObject({ code: 'webhook_disabled' });
    const { name } = await stage.target();
    await stage.final(await stage.deploy(name, await stage.bundle(GOOD)));
    expect(receiver.received).toHaveLength(1);
    isGone = false;
    expect(await enableWebhook(stage.db.control, id, TESTER)).toMatchObject({ disabled: null, failingSince: null });
    expect(await ended(stage, id, await sendTest(stage, id))).toMatchObject({ status: 'succeeded' });
    expect(receiver.received.map(({ type }) => type)).toEqual(['webhook.test', 'webhook.test']);
    const actions = await rows(stage, `SELECT action FROM control_plane.audit_log WHERE subject = '${id}' ORDER BY id`);
    expect(actions.map(({ action }) => action)).toEqual([
      'webhook.create',
      'webhook.test',
      'webhook.disable',
      'webhook.enable',
      'webhook.test',
    ]);
  });

  test('nothing but failures for too long switches it off; what waits is kept and goes on', async () => {
    let isWell = false;
    const receiver = await startReceiver((response) => response.writeHead(isWell ? 200 : 500).end());
    const { id } = await register(stage, receiver.url);
    await stage.worker({
      ...LOOPBACK,
      timing: { ...QUICK, webhookPatienceMs: 1000, webhookWaitsMs: Array.from({ length: 100 }, () => 100) },
    });
    const sent = await sendTest(stage, id);
    const off = await eventually(
      () => findWebhook(stage.db.control, id),
      ({ disabled }) => disabled !== null,
    );
    expect(off.disabled?.reason).toContain('nothing but failures for 1 s. The latest: The receiver answered 500.');
    expect(receiver.received.length).toBeGreaterThan(2);
    expect(await delivery(stage, id, sent)).toMatchObject({ status: 'pending' });
    isWell = true;
    await enableWebhook(stage.db.control, id, TESTER);
    expect(await ended(stage, id, sent)).toMatchObject({ status: 'succeeded' });
  });

  test('with a new secret both sign, for a while', async () => {
    const receiver = await startReceiver();
    const { id, secret: before } = await register(stage, receiver.url);
    const after = generateWebhookSecret();
    await rotateWebhookSecret(stage.db.control, id, sealWebhookSecret(after, id, stage.keyring), 3_600_000, TESTER);
    await stage.worker(LOOPBACK);
    await ended(stage, id, await sendTest(stage, id));
    const [both] = receiver.received;
    if (both === undefined) throw new Error('Nothing came.');
    expect(String(both.headers['webhook-signature'])).toMatch(/^v1,\S{44} v1,\S{44}$/);
    verify(both, before);
    verify(both, after);
    await stage.db.database.query(`UPDATE control_plane.webhooks SET previous_until = now()`);
    await ended(stage, id, await sendTest(stage, id));
    const [, one] = receiver.received;
    if (one === undefined) throw new Error('Nothing came.');
    verify(one, after);
    expect(() => verify(one, before)).toThrow('No matching signature');
    // Nothing is left of the one before once its time is over.
    await stage.worker();
    await eventually(
      () => rows(stage, 'SELECT FROM control_plane.webhooks WHERE previous_secret IS NOT NULL'),
      (left) => left.length === 0,
    );
  });

  test('of a removed one nothing is sent any more, and nothing stays', async () => {
    const receiver = await startReceiver();
    const { id } = await register(stage, receiver.url);
    await sendTest(stage, id);
    await removeWebhook(stage.db.control, id, TESTER);
    await stage.worker({ ...LOOPBACK, timing: { ...QUICK, webhookDropMs: 100 } });
    await eventually(
      () => rows(stage, 'SELECT FROM control_plane.webhook_deliveries'),
      (left) => left.length === 0,
    );
    expect(receiver.received).toEqual([]);
    expect(await rows(stage, 'SELECT secret, previous_secret FROM control_plane.webhooks')).toEqual([
      { secret: null, previous_secret: null },
    ]);
  });

  test('what ended long ago is dropped, and nothing else', async () => {
    const { id } = await register(stage, 'https://a.example/');
    const [old, fresh, waiting] = [await sendTest(stage, id), await sendTest(stage, id), await sendTest(stage, id)];
    await disableWebhook(stage.db.control, id, 'r', TESTER);
    const finish = (which: { readonly id: string }, days: number) =>
      stage.db.database.query(
        `UPDATE control_plane.webhook_deliveries SET status = 'succeeded', next_attempt_at = NULL,
           finished_at = now() - $2 * interval '1 day' WHERE id = $1`,
        [which.id, days],
      );
    await Promise.all([finish(old, 31), finish(fresh, 29)]);
    await stage.worker();
    await eventually(
      () => rows(stage, 'SELECT id FROM control_plane.webhook_deliveries ORDER BY seq'),
      (left) => left.length < 3,
    );
    expect(await rows(stage, 'SELECT id FROM control_plane.webhook_deliveries ORDER BY seq')).toEqual([
      { id: fresh.id },
      { id: waiting.id },
    ]);
  });
});

describe('whoever sends it', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
    onTestFinished(() => stage.close());
  });

  test('three workers share the work: each message once', async () => {
    const receiver = await startReceiver();
    const { id } = await register(stage, receiver.url);
    await stage.db.database.query(
      `INSERT INTO control_plane.webhook_deliveries (webhook_id, type, body)
       SELECT $1, 'webhook.test', json_build_object('type', 'webhook.test', 'data', json_build_object('n', n))::text
       FROM generate_series(1, 300) n`,
      [id],
    );
    await Promise.all([stage.worker(LOOPBACK), stage.worker(LOOPBACK), stage.worker(LOOPBACK)]);
    await eventually(
      () => rows(stage, `SELECT FROM control_plane.webhook_deliveries WHERE status = 'pending'`),
      (left) => left.length === 0,
    );
    expect(receiver.received).toHaveLength(300);
    expect(new Set(receiver.received.map((message) => message.id)).size).toBe(300);
  });

  test('a message of a worker that was given up on is another’s: what the first still writes is void', async () => {
    const { id } = await register(stage, 'https://a.example/');
    const sent = await sendTest(stage, id);
    const claim = async (leaseMs: number): Promise<ClaimedDelivery | undefined> =>
      (await claimDeliveries(stage.db.control, new Map(), { perWebhook: 4, leaseMs }))[0];
    const first = await claim(0);
    const second = await claim(60_000);
    expect([first?.id, second?.id]).toEqual([sent.id, sent.id]);
    expect(await claim(60_000)).toBeUndefined();
    const attempt = { at: new Date().toISOString(), status: 200, error: null, answer: null, durationMs: 1 };
    await noteDelivered(stage.db.control, first as ClaimedDelivery, attempt);
    expect(await delivery(stage, id, sent)).toMatchObject({ status: 'pending', attempts: [] });
    await noteDelivered(stage.db.control, second as ClaimedDelivery, attempt);
    expect(await delivery(stage, id, sent)).toMatchObject({ status: 'succeeded', attempts: [attempt] });
  });

  test('a worker that is killed before it could note the answer: sent again with the same id; and no secret anywhere', async () => {
    const receiver = await startReceiver((response, nth) => {
      if (nth > 1) response.writeHead(200).end();
      else first.signal('SIGKILL');
    });
    const env = { WEBHOOK_ALLOW_INTERNAL: '127.0.0.1', LOG_LEVEL: 'trace' };
    const first = await startQuickProcess(stage, env);
    const { id, secret } = await register(stage, receiver.url);
    const sent = await sendTest(stage, id);
    await first.exited;
    const second = await startQuickProcess(stage, env);
    const done = await ended(stage, id, sent);
    expect(done).toMatchObject({ status: 'succeeded', tries: 2, attempts: [{ status: 200 }] });
    expect(receiver.received.map((message) => message.id)).toEqual([sent.id, sent.id]);
    const away = await register(stage, 'http://127.0.0.1:1/token-in-the-path');
    await ended(stage, away.id, await sendTest(stage, away.id));
    const all = await rows(
      stage,
      `SELECT to_jsonb(w)::text FROM control_plane.webhooks w UNION ALL
       SELECT to_jsonb(d)::text FROM control_plane.webhook_deliveries d UNION ALL
       SELECT to_jsonb(a)::text FROM control_plane.audit_log a`,
    );
    const logs = `${first.output()}${second.output()}`;
    for (const text of [JSON.stringify(all), logs]) {
      expect(text.length).toBeGreaterThan(200);
      for (const given of [secret, away.secret]) {
        const plain = given.slice('whsec_'.length);
        expect(text).not.toContain(plain);
        expect(text).not.toContain(Buffer.from(plain, 'base64').toString('hex'));
        expect(text).not.toContain(Buffer.from(given).toString('hex'));
      }
    }
    expect(logs).not.toContain('token-in-the-path');
  });

  test('a worker that stops hands back what has no answer', async () => {
    const receiver = await startReceiver((response, nth) => (nth > 1 ? response.writeHead(200).end() : undefined));
    const { id } = await register(stage, receiver.url);
    const timing = { ...QUICK, webhookTimeoutMs: 600_000, webhookLeaseMs: 600_000 };
    const first = await stage.worker({ ...LOOPBACK, timing });
    const sent = await sendTest(stage, id);
    await receiver.got(() => true);
    await first.close({ graceMs: 0 });
    await stage.worker({ ...LOOPBACK, timing });
    expect(await ended(stage, id, sent)).toMatchObject({ status: 'succeeded', tries: 1 });
  });
});

test('a control database that is killed while messages are under way: none is lost', async () => {
  const { binDirectory } = anyServer();
  if (binDirectory === null) return;
  const cluster = await startCluster('webhooks', binDirectory);
  onTestFinished(() => cluster.remove());
  const stage = await openStage(cluster.server);
  onTestFinished(() => stage.close());
  let isAway = false;
  const held: (() => void)[] = [];
  // From the 20th on answers wait until the database is away: what became of those can't be noted then.
  const receiver = await startReceiver((response, nth) => {
    const answer = () => response.writeHead(200).end();
    if (nth < 20 || isAway) answer();
    else held.push(answer);
  });
  const { id } = await register(stage, receiver.url);
  await stage.db.database.query(
    `INSERT INTO control_plane.webhook_deliveries (webhook_id, type, body)
     SELECT $1, 'webhook.test', json_build_object('type', 'webhook.test', 'data', json_build_object('n', n))::text
     FROM generate_series(1, 100) n`,
    [id],
  );
  await Promise.all([stage.worker(LOOPBACK), stage.worker(LOOPBACK)]);
  await eventually(
    () => Promise.resolve(held.length),
    (length) => length === 8,
  );
  // The servers of tests don't wait for the disk: what is to outlive the kill has to be there.
  await stage.db.database.query('CHECKPOINT');
  await cluster.kill();
  isAway = true;
  for (const answer of held) answer();
  await cluster.startAgain();
  await eventually(
    () =>
      stage.db.control.pool
        .query('SELECT status, count(*)::integer AS n FROM control_plane.webhook_deliveries GROUP BY 1')
        .then((found) => found.rows as unknown[])
        .catch((error: unknown) => [String(error)]),
    (found) => JSON.stringify(found) === JSON.stringify([{ status: 'succeeded', n: 100 }]),
  );
  expect(new Set(receiver.received.map((message) => message.id)).size).toBe(100);
});
