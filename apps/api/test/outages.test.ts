import { expect, onTestFinished, test } from 'vitest';
import { startTestRedis } from '../../../test-support/redis.ts';
import { startCluster } from '../../../test-support/postgres-cluster.ts';
import { anyServer, testServers } from '../../../test-support/servers.ts';
import { openStage, until } from './support/service-stage.ts';

const FILES = { 'deployment/00000-a.sql': 'CREATE TABLE a (id integer);' };

test('Redis killed: a deployment is recorded within two seconds, and carried out when Redis is back', async () => {
  const stage = await openStage(anyServer());
  onTestFinished(() => stage.close());
  await stage.target('one');
  const bundle = await stage.bundle(FILES);
  await stage.redis.kill();
  const started = performance.now();
  const reply = await stage.call('POST', '/v1/deployments', { body: { target: 'one', mode: 'deployment', bundle } });
  expect(reply.status).toBe(202);
  expect(performance.now() - started).toBeLessThan(2000);
  expect((await stage.call('GET', '/readyz')).body).toMatchObject({ status: 'ready', redis: 'unavailable' });
  const redis = await startTestRedis(stage.redis.port);
  onTestFinished(() => redis.stop());
  await stage.worker();
  await until(
    () => stage.call('GET', `/v1/deployments/${reply.body.id}`),
    (seen) => seen.body.status === 'succeeded',
  );
});

test('the control database killed: 503 within two seconds, and all is well when it is back', async () => {
  const installation = testServers().find((server) => server.binDirectory !== null);
  if (installation?.binDirectory == null) return;
  const cluster = await startCluster('control', installation.binDirectory);
  onTestFinished(() => cluster.remove());
  const stage = await openStage(cluster.server);
  onTestFinished(async () => {
    await stage.close();
  });
  await stage.target('one');
  await cluster.kill();
  for (const path of ['/v1/targets', '/v1/deployments', '/readyz']) {
    const started = performance.now();
    const reply = await stage.call('GET', path);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(reply.status).toBe(503);
    if (path !== '/readyz') expect(reply.headers.get('retry-after')).not.toBeNull();
  }
  await cluster.startAgain();
  await until(
    () => stage.call('GET', '/v1/targets'),
    (reply) => reply.status === 200,
    10_000,
  );
});
