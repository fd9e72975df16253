import { type Deployment, findDeployment, isDatabaseUnavailable, isFinal } from '@postgres-manager/control-plane';
import type { Input } from '../http/route.ts';

const MOST_SECONDS = 60;

/** `Prefer: wait=N` (RFC 7240, 4.3) in ms, 60 s at most; null without it. */
export function preferredWaitMs(prefer: string | undefined): number | null {
  const [, seconds] = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:$|[,;])/i.exec(prefer ?? '') ?? [];
  return seconds === undefined ? null : Math.min(Number(seconds), MOST_SECONDS) * 1000;
}

/** The deployment when it is final, or as it stands when the time is over, the caller is gone, or the process stops. */
export async function waitUntilFinal(
  { services, response, caller }: Pick<Input<unknown, unknown, unknown>, 'services' | 'response' | 'caller'>,
  deployment: Deployment,
  waitMs: number,
): Promise<Deployment> {
  if (!isFinal(deployment.status)) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, waitMs);
      const unwatch = services.events.watch(deployment.id, 0, (events) => {
        if (events.some((event) => event.type === 'finished')) done();
      });
      function done(): void {
        clearTimeout(timer);
        unwatch();
        services.stopping.removeEventListener('abort', done);
        response.off('close', done);
        resolve();
      }
      services.stopping.addEventListener('abort', done);
      response.once('close', done);
    });
  }
  try {
    return (await findDeployment(services.db, deployment.id, caller.labels)) ?? deployment;
  } catch (error) {
    // It is recorded, and that is what has to be told.
    if (isDatabaseUnavailable(error)) return deployment;
    throw error;
  }
}
