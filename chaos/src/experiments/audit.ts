import { randomUUID } from 'node:crypto';
import { check, experiment } from '../experiment.ts';
import { judgeAuditChain } from '../harness/audit-tampering.ts';
import { storeBundle } from '../harness/counted-files.ts';
import { API_MOMENTS } from '../harness/failpoints.ts';
import type { Service } from '../harness/service.ts';
import { Tally } from '../harness/storm.ts';
import { forEachOf } from '../harness/wait.ts';
import type { Random } from '../random.ts';

/** A change that was asked for and answered with 2xx: which row the log must have for it. */
interface Change {
  readonly requestId: string;
  readonly action: string;
  readonly subject: string;
}

interface Scene {
  readonly service: Service;
  readonly random: Random;
  readonly target: string;
  readonly bundle: string;
  readonly changes: Change[];
  readonly refused: string[];
}

/** Every change has its row in the audit log, and what was refused has none. */
export const audit = experiment({
  invariants: [14],
  name: 'audit',
  does: 'changes of every kind are made over HTTP, and API processes are killed before and after their commits; then the log is tampered with',
  sizes: { long: { changes: 1000, kills: 20, tamperings: 100 }, short: { changes: 100, kills: 3, tamperings: 4 } },
  run: ({ lab, random, size }) =>
    lab.withService({ workers: 0, apis: 2 }, async (service) => {
      const { name: target } = await lab.targets.make(service);
      const bundle = await storeBundle(service, [{ path: 'deployment/00000-a.sql', sql: 'select 1;' }]);
      const scene: Scene = { service, random, target, bundle, changes: [], refused: [] };
      const kinds = Object.values(CHANGES);
      const turns = Array.from({ length: size.changes }, (_, i) => kinds[i % kinds.length]);
      await forEachOf(turns, 8, async (change) => {
        await change?.(scene);
      });
      await refuse(scene, 20);
      const wrong = await compare(scene);
      const tally = new Tally();
      await killAround(scene, size.kills, tally);
      const unaudited = await findUnaudited(service);
      const chain = await judgeAuditChain(service, random, size.tamperings);
      return {
        faults: {
          changes: scene.changes.length,
          refused: scene.refused.length,
          ...tally.counts,
          'log tampered with': 3 * size.tamperings,
        },
        figures: { kinds: kinds.length },
        checks: [
          check('each change has exactly one row, of its action and subject', scene.changes.length, wrong.missing),
          check('what was refused has no row', scene.refused.length, wrong.ofRefused),
          check('no change without a row, whenever the API was killed', size.kills, unaudited),
          ...chain,
        ],
      };
    }),
});

const CHANGES: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  'target registered, changed and removed': async (scene) => {
    const name = `audited-${randomUUID().slice(0, 8)}`;
    await change(scene, 'PUT', `/v1/targets/${name}`, { dsnEnv: 'DB_NONE' }, 'target.put', name);
    await change(scene, 'PUT', `/v1/targets/${name}`, { labels: { a: 'b' } }, 'target.put', name);
    await change(scene, 'DELETE', `/v1/targets/${name}`, undefined, 'target.remove', name);
  },
  'bundle stored': async (scene) => {
    const content = `select '${randomUUID()}';`;
    await change(
      scene,
      'POST',
      '/v1/bundles',
      { files: [{ path: 'deployment/00000-a.sql', content }] },
      'bundle.store',
    );
  },
  'deployment made, cancelled and made again': async (scene) => {
    const { target, bundle } = scene;
    const body = { target, mode: 'deployment', bundle };
    const id = await change(scene, 'POST', '/v1/deployments', body, 'deployment.create');
    await change(scene, 'POST', `/v1/deployments/${id}/cancel`, undefined, 'deployment.cancel', id);
    const again = await change(scene, 'POST', `/v1/deployments/${id}/retry`, undefined, 'deployment.retry');
    await change(scene, 'POST', `/v1/deployments/${again}/cancel`, undefined, 'deployment.cancel', again);
  },
  'key made and revoked': async (scene) => {
    const id = await change(scene, 'POST', '/v1/keys', { name: randomUUID(), role: 'viewer' }, 'key.create');
    await change(scene, 'DELETE', `/v1/keys/${id}`, undefined, 'key.revoke', id);
  },
};

/** @returns the id, or digest, in the answer */
async function change(
  { service, changes }: Scene,
  method: string,
  path: string,
  body: unknown,
  action: string,
  subject?: string,
): Promise<string> {
  const requestId = randomUUID();
  const answer = await service.http.call(method, path, body, { 'x-request-id': requestId });
  if (answer.status < 200 || answer.status > 299) throw new Error(`${method} ${path}: ${answer.status}`);
  const made = answer.body as { id?: string; digest?: string } | null;
  const id = made?.id ?? made?.digest ?? '';
  changes.push({ requestId, action, subject: subject ?? id });
  return id;
}

async function refuse({ service, refused, bundle }: Scene, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const requestId = randomUUID();
    const body = { target: 'no-such-target', mode: 'deployment', bundle };
    const answer = await service.http.call('POST', '/v1/deployments', body, { 'x-request-id': requestId });
    if (answer.status >= 400) refused.push(requestId);
  }
}

async function compare({ service, changes, refused }: Scene): Promise<{ missing: string[]; ofRefused: string[] }> {
  const rows = await service.control.query<{ request_id: string; action: string; subject: string }>(
    'SELECT request_id, action, subject FROM control_plane.audit_log WHERE request_id IS NOT NULL',
  );
  const byRequest = new Map<string, string[]>();
  for (const { request_id: id, action, subject } of rows) {
    byRequest.set(id, [...(byRequest.get(id) ?? []), `${action} ${subject}`]);
  }
  const missing = changes.flatMap(({ requestId, action, subject }) => {
    const found = byRequest.get(requestId) ?? [];
    return found.length === 1 && found[0] === `${action} ${subject}`
      ? []
      : [`${action} ${subject}: ${found.join(', ')}`];
  });
  return { missing, ofRefused: refused.filter((id) => byRequest.has(id)) };
}

/** Kills an API around its commit: the answer is lost, and row and change are there together or not at all. */
async function killAround({ service, random, target, bundle }: Scene, kills: number, tally: Tally): Promise<void> {
  for (let i = 0; i < kills; i++) {
    const [name, moment] = random.pick(Object.entries(API_MOMENTS));
    for (const api of service.apis) {
      api.control.arm(moment, () => {
        api.kill();
        // The other one is to take the request then.
        for (const other of service.apis) other.control.disarm();
        return random.pick(['none', 'pass'] as const);
      });
    }
    await service.http.deploy({ target, mode: 'deployment', bundle });
    for (const api of service.apis) api.control.disarm();
    const killed = service.apis.filter((api) => !api.isUp);
    if (killed.length > 0) tally.add(`API killed ${name}`);
    for (const api of killed) await api.replace();
  }
}

/** Deployments without their audit row, and audit rows without what they tell of. */
async function findUnaudited({ control }: Service): Promise<string[]> {
  const rows = await control.query<{ what: string }>(
    `SELECT 'deployment ' || d.id || ' has no row' AS what FROM control_plane.deployments d
     WHERE (SELECT count(*) FROM control_plane.audit_log a
       WHERE a.subject = d.id::text AND a.action IN ('deployment.create', 'deployment.retry')) <> 1
     UNION ALL
     SELECT 'a row tells of deployment ' || a.subject FROM control_plane.audit_log a
     WHERE a.subject_type = 'deployment' AND NOT EXISTS (SELECT FROM control_plane.deployments d WHERE d.id::text = a.subject)
     UNION ALL
     SELECT 'key ' || k.id || ' has no row' FROM control_plane.api_keys k
     WHERE NOT EXISTS (SELECT FROM control_plane.audit_log a WHERE a.subject = k.id::text AND a.action = 'key.create')`,
  );
  return rows.map(({ what }) => what);
}
