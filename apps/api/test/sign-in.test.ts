import { request as httpRequest } from 'node:http';
import { SignInCodes } from '@postgres-manager/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyServer } from '../../../test-support/servers.ts';
import { openStage, type Stage } from './support/service-stage.ts';

const codes = new SignInCodes();
let stage: Stage;
beforeAll(async () => {
  stage = await openStage(anyServer(), { signInCodes: codes });
});
afterAll(() => stage.close());

/** By hand: fetch doesn't let a Host header be set. */
function signIn(code: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${stage.api.url}/v1/sign-in`,
      { method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    request.on('error', reject);
    request.end(JSON.stringify({ code }));
  });
}

const keys = (): Promise<{ name: string; revoked_at: Date | null }[]> =>
  stage.control.query(`SELECT name, revoked_at FROM control_plane.api_keys WHERE created_by = 'npm start'`);

describe('signing in on this machine', () => {
  test('a code gives an admin’s key for twelve hours, once, and the audit log tells', async () => {
    const code = codes.make();
    const { status, text } = await signIn(code);
    expect(status).toBe(201);
    const { key, expiresAt, ...rest } = JSON.parse(text) as { key: string; expiresAt: string };
    expect(rest).toEqual({ name: 'npm start (this machine)', role: 'admin' });
    expect(Math.abs(Date.parse(expiresAt) - Date.now() - 12 * 3_600_000)).toBeLessThan(60_000);
    const me = await stage.call('GET', '/v1/me', { key });
    expect(me.body).toMatchObject({ name: 'npm start (this machine)', role: 'admin', labels: {}, expiresAt });
    expect((await signIn(code)).status).toBe(401);
    const audit = await stage.call('GET', '/v1/audit?subjectType=key');
    expect(audit.text).toContain('"actor":"npm start"');
    expect(stage.logLines.join('')).not.toContain(code);
    expect(stage.logLines.join('')).not.toContain(key);
  });

  test('what is refused is refused in the same words, and uses up no code', async () => {
    const code = codes.make();
    const said = async (given: string, headers: Record<string, string>): Promise<unknown> => {
      const { status, text } = await signIn(given, headers);
      const { requestId: _, ...body } = JSON.parse(text) as Record<string, unknown>;
      return { status, body };
    };
    const wrong = await said('a'.repeat(43), {});
    expect(wrong).toMatchObject({ status: 401, body: { code: 'sign_in_refused' } });
    expect(await said(code, { host: 'rebound.example.com' })).toEqual(wrong);
    expect(await said(code, { 'x-forwarded-for': '127.0.0.1' })).toEqual(wrong);
    expect((await signIn(code)).status).toBe(201);
  });

  test('keys of earlier starts that are over don’t pile up', async () => {
    await stage.control.query(
      `UPDATE control_plane.api_keys SET expires_at = now() - interval '1 second' WHERE created_by = 'npm start'`,
    );
    expect(await keys()).toHaveLength(2);
    expect((await signIn(codes.make())).status).toBe(201);
    expect(await keys()).toHaveLength(1);
    expect((await stage.call('GET', '/v1/audit/verify')).body).toMatchObject({ intact: true });
  });

  // The last: what it uses up of this address comes back only after a minute.
  test('few tries are taken from one address', async () => {
    let refused = 0;
    for (let tries = 0; tries < 25; tries++) {
      const { status } = await signIn('a'.repeat(43));
      if (status === 429) refused++;
      else expect(status).toBe(401);
    }
    expect(refused).toBeGreaterThan(4);
    expect((await signIn(codes.make())).status).toBe(429);
  });
});

test('an API that shows no codes takes none', async () => {
  const other = await openStage(anyServer());
  const reply = await other.call('POST', '/v1/sign-in', { body: { code: codes.make() }, key: null });
  await other.close();
  expect(reply).toMatchObject({ status: 401, body: { code: 'sign_in_refused' } });
});
