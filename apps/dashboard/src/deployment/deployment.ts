import type { Answer, Item } from '../api/client.ts';

/** All about a deployment, as the API tells it. */
export type Deployment = Answer<'getDeployment'>;
export type Step = Deployment['steps'][number];
export type Attempt = Deployment['attempts'][number];
export type Failure = NonNullable<Deployment['failure']>;
export type Evidence = NonNullable<Failure['evidence']>;
export type WaitingFor = NonNullable<Deployment['waitingFor']>;
/** Something that happened with it. */
export type DeploymentEvent = Item<'listDeploymentEvents'>;

const FINAL: readonly string[] = ['succeeded', 'failed', 'cancelled', 'needs_attention'];

/** Whether a status is an end: nothing of such a deployment changes any more. */
export function isFinal(status: string): boolean {
  return FINAL.includes(status);
}

/** `file:line:column`, as far as it is known. */
export function placeOf({ file, line, column }: Failure): string | null {
  if (file === null) return null;
  if (line === null) return file;
  return column === null ? `${file}:${line}` : `${file}:${line}:${column}`;
}
