import { randomUUID } from 'node:crypto';
import { check, experiment } from '../experiment.ts';
import { storeBundle } from '../harness/counted-files.ts';
import { type Answer, type HttpClient, openHttpClient } from '../harness/http-client.ts';
import { forEachOf, pause } from '../harness/wait.ts';

const PARALLEL = 50;
const KEYS_AT_A_TIME = 2;

/** One Idempotency-Key, one deployment, however many posts come at once, to whatever process. */
export const idempotency = experiment({
  invariants: [8],
  name: 'idempotency',
  does: '50 posts under one Idempotency-Key come at once, to two API processes',
  sizes: { long: { keys: 200 }, short: { keys: 12 } },
  run: ({ lab, size }) =>
    lab.withService({ workers: 0, apis: 2 }, async (service) => {
      const bundle = await storeBundle(service, [{ path: 'deployment/00000-a.sql', sql: 'select 1;' }]);
      const { name } = await lab.targets.make(service);
      const clients = service.apiUrls.map((url) => openHttpClient([url], service.apiKey));
      const body = { target: name, mode: 'deployment', bundle };
      const wrong = { ids: [] as string[], status: [] as string[], reused: [] as string[], rows: [] as string[] };
      const keys = Array.from({ length: size.keys }, () => randomUUID());
      let repeated = 0;
      await forEachOf(keys, KEYS_AT_A_TIME, async (key) => {
        const answers = await Promise.all(
          Array.from({ length: PARALLEL }, async (_, i) => {
            const { answer, times } = await postUntilAnswered(pick(clients, i), body, key);
            repeated += times - 1;
            return answer;
          }),
        );
        const ids = new Set(answers.map(({ body: made }) => (made as { id?: string }).id));
        if (ids.size !== 1) wrong.ids.push(`${key}: ${ids.size} deployments`);
        wrong.status.push(...answers.filter(({ status }) => status !== 202).map(({ status }) => `${key}: ${status}`));
        const other = await pick(clients, 0).call('POST', '/v1/deployments', { ...body, priority: 1 }, headersOf(key));
        if (other.status !== 422) wrong.reused.push(`${key}: ${other.status}`);
      });
      const rows = await service.control.query<{ count: number; keys: number }>(
        `SELECT (SELECT count(*)::int FROM control_plane.deployments) AS count,
           (SELECT count(*)::int FROM control_plane.idempotency_keys) AS keys`,
      );
      if (rows[0]?.count !== size.keys || rows[0].keys !== size.keys) wrong.rows.push(JSON.stringify(rows[0]));
      return {
        faults: { posts: size.keys * PARALLEL, 'sent again, as the answer asked': repeated },
        figures: { keys: size.keys },
        checks: [
          check('one key gives one deployment', size.keys, wrong.ids),
          check('every post is answered 202 in the end', size.keys * PARALLEL, wrong.status),
          check('another body under the same key is refused', size.keys, wrong.reused),
          check('the control database has as many deployments as there were keys', size.keys, wrong.rows),
        ],
      };
    }),
});

const headersOf = (key: string): Record<string, string> => ({ 'idempotency-key': key });

function pick(clients: readonly HttpClient[], turn: number): HttpClient {
  return clients[turn % clients.length] as HttpClient;
}

/** As a client does it that reads the answer: a request that is under way is asked about again. */
async function postUntilAnswered(
  client: HttpClient,
  body: object,
  key: string,
): Promise<{ answer: Answer; times: number }> {
  for (let times = 1; ; times++) {
    const answer = await client.call('POST', '/v1/deployments', body, headersOf(key));
    const isUnderWay = (answer.body as { code?: string } | null)?.code === 'idempotency_key_in_flight';
    if (!isUnderWay || times > 100) return { answer, times };
    await pause(20);
  }
}
