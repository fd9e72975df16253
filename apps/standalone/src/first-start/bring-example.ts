import { setTimeout as pause } from 'node:timers/promises';
import type { DeploymentDetail, Target } from '@postgres-manager/control-plane';
import type { ConnectionSettings } from '@postgres-manager/sql-deploy';
import type { Console } from '../output/console.ts';
import { describeEnd, describeStep } from '../output/describe-deployment.ts';
import { type ApiClient, expectDone } from './api-client.ts';

/** The name of the embedded database to try things on, and of its target. */
export const LOCAL_TARGET = 'local';
/** An embedded database that is left empty, for people to register and deploy to themselves. */
export const SPARE_DATABASE = 'second';
const FINAL = new Set(['succeeded', 'failed', 'cancelled', 'needs_attention']);
const LOOK_EVERY_MS = 100;

/**
 * Registers the embedded target, or tells the API where it is now.
 * @param mustSeal the DSN is sent even if nothing of it can be seen to have changed: the encryption key is a new one
 */
export async function registerLocal(
  api: ApiClient,
  dsn: string,
  shown: Pick<ConnectionSettings, 'host' | 'port' | 'database'>,
  mustSeal: boolean,
): Promise<void> {
  const path = `/v1/targets/${LOCAL_TARGET}`;
  const found = await api.call('GET', path);
  if (found.status === 200 && !mustSeal) {
    const { host, port, database } = found.body as Target;
    if (host === shown.host && port === shown.port && database === shown.database) return;
  }
  expectDone(await api.call('PUT', path, { dsn, labels: { environment: 'local' } }));
}

/** True when nobody has deployed anything to the target as yet. */
export async function isUntouched(api: ApiClient): Promise<boolean> {
  const page = expectDone(await api.call('GET', `/v1/deployments?target=${LOCAL_TARGET}&limit=1`));
  return (page as { items: readonly unknown[] }).items.length === 0;
}

/**
 * Sends a create, then a deployment, of the repository's own folders, and shows their progress. The second is sent only
 * when the first has succeeded.
 * @param isStopped asked while waiting
 */
export async function bringExample(api: ApiClient, console: Console, isStopped: () => boolean): Promise<void> {
  for (const mode of ['create', 'deployment']) {
    const entered = expectDone(await api.call('POST', '/v1/deployments', { target: LOCAL_TARGET, mode }));
    const { id } = entered as { id: string };
    console.line(`${console.bold(mode)}  ${console.dim(id)}`);
    const detail = await follow(api, id, console, isStopped);
    if (detail === null) return;
    console.line(describeEnd(detail, console));
    if (detail.status !== 'succeeded') return;
  }
}

/** Shows each step as it ends. Gives the deployment when it is final; null when we are stopped before that. */
async function follow(
  api: ApiClient,
  id: string,
  console: Console,
  isStopped: () => boolean,
): Promise<DeploymentDetail | null> {
  const shown = new Set<string>();
  while (!isStopped()) {
    const detail = expectDone(await api.call('GET', `/v1/deployments/${id}`)) as DeploymentDetail;
    for (const step of detail.steps) {
      if (shown.has(step.path) || (step.status !== 'applied' && step.status !== 'failed')) continue;
      shown.add(step.path);
      console.line(describeStep(step, console));
    }
    if (FINAL.has(detail.status)) return detail;
    await pause(LOOK_EVERY_MS);
  }
  return null;
}
