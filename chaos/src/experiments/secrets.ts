import { randomBytes } from 'node:crypto';
import { check, experiment, type Outcome } from '../experiment.ts';
import { storeBundle } from '../harness/counted-files.ts';
import { type Canary, findCanaries, type Place, readPlaces } from '../harness/canaries.ts';
import type { Lab } from '../harness/lab.ts';
import { waitForEnd } from '../harness/look-up.ts';
import type { Service } from '../harness/service.ts';
import type { Target } from '../harness/targets.ts';
import { startTraceSink, type TraceSink } from '../harness/trace-sink.ts';
import { watchRedis } from '../harness/watch-redis.ts';

const fresh = (name: string): string => `${name}${randomBytes(12).toString('hex')}`;

/** Passwords, keys and row contents show nowhere. */
export const secrets = experiment({
  invariants: [13],
  name: 'secrets',
  does: 'passwords, keys and rows that can be recognised go through successes and failures of every kind, and are searched for in everything that is written',
  sizes: { long: { rounds: 5 }, short: { rounds: 1 } },
  run: async ({ lab, size }) => {
    const metricsToken = fresh('canarymetrics');
    const sink = await startTraceSink();
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_BSP_SCHEDULE_DELAY: '200',
      WEBHOOK_ALLOW_INTERNAL: '127.0.0.1/32',
    };
    const options = { workers: 1, apis: 1, logLevel: 'trace', metricsToken, environment };
    try {
      return await lab.withService(options, (service) => lookForSecrets(lab, service, size.rounds, metricsToken, sink));
    } finally {
      await sink.close();
    }
  },
});

async function lookForSecrets(
  lab: Lab,
  service: Service,
  rounds: number,
  metricsToken: string,
  sink: TraceSink,
): Promise<Outcome> {
  const said = await watchRedis(service.redis);
  const canaries: Canary[] = [
    { name: 'API key', secret: service.apiKey },
    { name: 'encryption key', secret: service.encryptionKey },
    { name: 'metrics token', secret: metricsToken },
    { name: 'password of the control database', secret: lab.controlCluster.password },
  ];
  const answers: string[] = [];
  canaries.push({ name: 'webhook’s secret', secret: await addWebhook(service) });
  for (let round = 0; round < rounds; round++) {
    const password = fresh('canary');
    const rowContent = fresh('canaryrow');
    canaries.push({ name: 'target’s password', secret: password }, { name: 'row', secret: rowContent });
    answers.push(...(await liveThrough(lab, service, password, rowContent)));
  }
  const open = await readPlaces(lab, service, { answers, redisCommands: said.stop(), metricsToken });
  // What is still on its way to the sink is sent when a process stops.
  for (const slot of [...service.apis, ...service.workers]) await slot.stop();
  const places: Place[] = [...open, { name: 'traces', text: sink.text(), holds: 'step deployment/00000-a.sql' }];
  const spans = sink.spans();
  return {
    faults: { rounds },
    figures: {
      'secrets searched for': canaries.length,
      ...Object.fromEntries(places.map(({ name, text }) => [`${name}, KB`, Math.ceil(text.length / 1024)])),
      ...Object.fromEntries(Object.entries(spans).map(([name, count]) => [`spans of ${name}`, count])),
    },
    checks: [
      check('no secret is found, as it is or encoded', places.length * canaries.length, findCanaries(places, canaries)),
      check('what should be in each of these places is found there', places.length, blindPlaces(places)),
      check(
        'spans arrive from API and worker',
        TRACED.length,
        TRACED.filter((name) => (spans[name] ?? 0) === 0).map((name) => `none of ${name}: ${JSON.stringify(spans)}`),
      ),
    ],
  };
}

/** Nobody listens there, so that its failures are written down, too. @returns its secret, which this answer alone shows */
async function addWebhook(service: Service): Promise<string> {
  const { body } = await service.http.call('POST', '/v1/webhooks', { url: 'http://127.0.0.1:1/hook' });
  return (body as { secret: string }).secret.replace(/^whsec_/, '');
}

const TRACED = ['postgres-manager-api', 'postgres-manager-worker'];

/** A search that finds nothing shows something only where it would find something. */
function blindPlaces(places: readonly Place[]): string[] {
  return places.filter(({ text, holds }) => !text.includes(holds)).map(({ name, holds }) => `${name}: no ${holds}`);
}

const FAILING: readonly ((row: string) => string)[] = [
  () => 'alter table chaos.people add constraint people_once unique (secret);',
  () => 'insert into chaos.people (secret, age) select secret, null from chaos.people limit 1;',
  () => 'alter table chaos.people add check (length(secret) < 3);',
  () => 'update chaos.people set age = -1;',
  () => 'do $$ begin delete from chaos.owners; end $$;',
];

/** Every way to succeed and to fail. @returns the bodies of all answers */
async function liveThrough(lab: Lab, service: Service, password: string, rowContent: string): Promise<string[]> {
  const answers: string[] = [];
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await service.http.call(method, path, body);
    answers.push(JSON.stringify(answer.body), JSON.stringify([...answer.headers]));
    return answer.body;
  };
  const target = await lab.targets.make(service);
  const role = `role_${target.name}`;
  await lab.targetCluster.admin.query(`CREATE ROLE ${role} SUPERUSER LOGIN PASSWORD '${password}'`);
  await fillWithRows(target, rowContent);
  const dsn = (port: number, user: string): string =>
    `postgres://${user}:${password}@127.0.0.1:${port}/${target.name}?sslmode=disable`;
  const deploy = async (name: string, sql: string): Promise<void> => {
    const bundle = await storeBundle(service, [{ path: 'deployment/00000-a.sql', sql }]);
    const body = { target: name, mode: 'deployment', bundle };
    const { id } = (await call('POST', '/v1/deployments', body)) as { id: string };
    await waitForEnd(service, id, 8000);
    await call('POST', `/v1/deployments/${id}/cancel`);
    await waitForEnd(service, id, 8000);
    await call('GET', `/v1/deployments/${id}`);
  };
  await call('PUT', `/v1/targets/${target.name}`, { dsn: dsn(lab.targetCluster.port, role) });
  for (const failing of FAILING) await deploy(target.name, failing(rowContent));
  await deploy(target.name, 'insert into chaos.marks (file) values (1);');
  await call('PUT', '/v1/targets/nobody-there', { dsn: dsn(1, role) });
  await deploy('nobody-there', 'select 1;');
  await call('PUT', '/v1/targets/refused', { dsn: dsn(lab.targetCluster.port, 'nobody_of_that_name') });
  await deploy('refused', 'select 1;');
  // What a person may well get wrong.
  for (const wrong of [
    `postgres://${role}:${password}@host:port/${target.name}`,
    `postgres:/${role}:${password}@host/${target.name}`,
    `host=127.0.0.1 user=${role} password=${password}`,
    `postgres://${role}:${password}@127.0.0.1/${target.name}?sslmode=perhaps`,
  ]) {
    await call('PUT', '/v1/targets/wrong', { dsn: wrong });
  }
  await call('PUT', `/v1/targets/${target.name}`, { dsn: dsn(lab.targetCluster.port, role), password });
  await call('GET', `/v1/targets/${target.name}`);
  for (const path of ['targets', 'deployments', 'keys', 'audit', 'workers', 'webhooks'])
    await call('GET', `/v1/${path}`);
  return answers;
}

async function fillWithRows({ database }: Target, rowContent: string): Promise<void> {
  await database.query(`CREATE TABLE chaos.people (secret text PRIMARY KEY, age integer NOT NULL CHECK (age > 0));
    CREATE TABLE chaos.owners (secret text PRIMARY KEY);
    CREATE TABLE chaos.things (owner text REFERENCES chaos.owners);
    ALTER TABLE chaos.people DROP CONSTRAINT people_pkey;
    INSERT INTO chaos.people VALUES ('${rowContent}', 1), ('${rowContent}', 2);
    INSERT INTO chaos.owners VALUES ('${rowContent}');
    INSERT INTO chaos.things VALUES ('${rowContent}');`);
}
