import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { run } from '../server/command.ts';
import { openServiceStage, type ServiceStage } from './service-stage.ts';

describe('webhooks with the command', () => {
  let stage: ServiceStage;
  let status = 204;
  const received: { body: string; headers: Record<string, string> }[] = [];

  beforeAll(async () => {
    stage = await openServiceStage({ 'deployment/00000-a.sql': 'SELECT 1;' });
    await stage.worker();
  });
  afterAll(() => stage.close());

  async function receiver(): Promise<string> {
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        received.push({ body, headers: request.headers as Record<string, string> });
        response.writeHead(status).end(status === 204 ? undefined : 'out of order');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`;
  }

  test('registered, tried, looked at, sent again, switched off and on, given a new secret, removed', async () => {
    const url = await receiver();
    const added = await run(['webhooks', 'add', url, '--events', 'deployment.failed'], stage.env);
    expect(added).toMatchObject({ code: 0, stderr: '' });
    const secret = added.stdout.trim();
    expect(secret).toMatch(/^whsec_\S+$/);
    const listed = await stage.ask('webhooks');
    const { id } = JSON.parse(listed.stdout.split('\n')[0] ?? '') as { id: string };
    expect((await run(['webhooks'], stage.env)).stdout).toMatch(
      new RegExp(`${id} +on +${url} +deployment.failed +all +never`),
    );

    expect(await stage.ask('webhooks', 'test', id)).toMatchObject({ code: 0, result: { status: 'succeeded' } });
    new Webhook(secret).verify(received[0]?.body ?? '', received[0]?.headers ?? {});

    status = 500;
    const failed = await run(['webhooks', 'test', id], stage.env);
    expect(failed.code).toBe(1);
    expect(failed.stdout + failed.stderr).toContain(
      'it did not arrive. The receiver answered 500. It said: out of order',
    );
    const deliveries = await run(['webhooks', 'deliveries', id], stage.env);
    expect(deliveries.stdout).toMatch(/webhook\.test +pending +1 +.*The receiver answered 500\./);
    expect(deliveries.stdout).toMatch(/webhook\.test +succeeded +1 +.*answered 204/);
    status = 204;
    const { stdout } = await stage.ask('webhooks', 'deliveries', id, '--status', 'pending');
    const waiting = JSON.parse(stdout.split('\n')[0] ?? '') as { id: string };
    expect(waiting).toMatchObject({ type: 'webhook_delivery', event: 'webhook.test' });
    expect(await run(['webhooks', 'resend', id, waiting.id], stage.env)).toMatchObject({ code: 0, stderr: '' });

    expect((await run(['webhooks', 'disable', id, '--reason', 'moving'], stage.env)).code).toBe(0);
    expect((await run(['webhooks'], stage.env)).stdout).toMatch(/ off .*moving/);
    const refused = await run(['webhooks', 'test', id], stage.env);
    expect(refused.stdout + refused.stderr).toContain(`webhooks enable ${id}`);
    expect((await run(['webhooks', 'enable', id], stage.env)).code).toBe(0);
    const rotated = await run(['webhooks', 'rotate-secret', id], stage.env);
    expect(rotated.stdout).toMatch(/^whsec_\S+\n$/);
    expect(rotated.stdout.trim()).not.toBe(secret);
    expect((await run(['webhooks', 'remove', id], stage.env)).code).toBe(0);
    expect((await run(['webhooks'], stage.env)).stdout).toContain('no webhooks');
  });

  test('tells what is wrong with a command line, and shows no URL that went astray', async () => {
    for (const url of ['postgres://u:canary@h/d', 'https://u:canary@h.example/', 'canary']) {
      const ended = await run(['webhooks', 'add', url, '--events', 'x,,y', '--limit', '3'], stage.env);
      expect(ended.code).toBe(2);
      expect(ended.stderr).toContain('webhooks add needs a URL');
      expect(ended.stderr).toContain('--events must be types');
      expect(ended.stderr).toContain('--limit goes with webhooks deliveries');
      expect(ended.stdout + ended.stderr).not.toContain('canary');
    }
    expect((await run(['webhooks', 'resnd', 'x'], stage.env)).stderr).toContain('did you mean webhooks resend?');
    expect((await run(['webhooks', 'remove'], stage.env)).stderr).toContain('needs the id of a webhook');
  });
});
