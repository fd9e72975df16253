import type { DeploymentDetail, DeploymentEvent } from '@postgres-manager/control-plane';
import { expect } from 'vitest';
import { until } from '../support/service-stage.ts';
import { lookAtAll } from './commands.ts';
import { firstPaths, MOST_FILES, saidBy, STUCK } from './files.ts';
import { isOver, type Model } from './model.ts';
import type { World } from './world.ts';

const PATIENCE_MS = 60_000;

/** Once nothing disturbs any more, everything ends, and all that was promised is true. */
export async function expectAllPromises(model: Model, world: World): Promise<void> {
  await world.heal();
  for (let target = 0; target < world.targets.length; target++) await world.protect(target, false);
  await until(
    async () => {
      await lookAtAll(model, world);
      for (const known of model.deployments) if (known.status === 'awaiting_approval') await world.approve(known.id);
      return model.deployments.filter((known) => !isOver(known));
    },
    (unfinished) => unfinished.length === 0,
    PATIENCE_MS,
  );
  for (let target = 0; target < world.targets.length; target++) {
    await expectTarget(model, world, target);
    await expectNotStuck(model, world, target);
  }
  const [verdict] = await world.ask('GET', '/v1/audit/verify');
  expect(verdict.body).toMatchObject({ intact: true });
}

async function detailsOf(model: Model, world: World, target: number): Promise<DeploymentDetail[]> {
  const ids = model.deployments.filter((known) => known.target === target).map(({ id }) => id);
  const details = await Promise.all(ids.map(async (id) => (await world.ask('GET', `/v1/deployments/${id}`))[0].body));
  return details as unknown as DeploymentDetail[];
}

interface LedgerRow extends Record<string, unknown> {
  readonly path: string;
  readonly origin: string;
  readonly deployment_id: string | null;
}

async function ledgerOf(world: World, target: number): Promise<LedgerRow[]> {
  const database = world.targets[target]?.database;
  const [there] =
    (await database?.query<{ is: boolean }>(`SELECT to_regclass('postgres_manager.ledger') IS NOT NULL AS is`)) ?? [];
  if (there?.is !== true || database === undefined) return [];
  return database.query<LedgerRow>(
    `SELECT folder || '/' || file_name AS path, origin, deployment_id FROM postgres_manager.ledger ORDER BY file_name`,
  );
}

/** The target's own data, its ledger and the history say the same. */
async function expectTarget(model: Model, world: World, target: number): Promise<void> {
  const ledger = await ledgerOf(world, target);
  const paths = ledger.map(({ path }) => path);
  // No gap, in order, each once: whatever was killed when.
  expect(paths).toEqual(firstPaths(paths.length));
  const runs = await world.targets[target]?.database.query<{ file: string }>('SELECT file FROM runs ORDER BY n');
  expect(runs?.map(({ file }) => file)).toEqual(paths.flatMap(saidBy));
  const [calls] =
    (await world.targets[target]?.database.query<{ n: number }>(`SELECT count(*)::int AS n FROM calls`)) ?? [];
  // It is run again only where a person said so.
  expect(calls?.n).toBeLessThanOrEqual(1 + (model.notApplied[target] ?? 0));
  if (ledger.some(({ path, origin }) => path === STUCK && origin === 'resolved')) {
    expect(model.applied[target]).toBeGreaterThan(0);
  }
  const details = await detailsOf(model, world, target);
  const awaited = await expectApprovals(world);
  expectHistory(model, target, details, ledger);
  // What waited for an approval let others by.
  expectOneAtATime(details.filter(({ id }) => !awaited.has(id)));
  await expectEvents(details, world);
}

function expectHistory(
  model: Model,
  target: number,
  details: readonly DeploymentDetail[],
  ledger: readonly LedgerRow[],
): void {
  const told = details.flatMap(({ id, dryRun, summary }) =>
    dryRun ? [] : (summary?.applied ?? []).map((path) => `${path} by ${id}`),
  );
  const unknown = new Set(details.filter(({ failure }) => isOutcomeUnknown(failure)).map(({ id }) => id));
  const done = ledger.filter(({ origin }) => origin === 'run').map(({ path, deployment_id: id }) => `${path} by ${id}`);
  const open = done.filter((entry) => [...unknown].some((id) => entry.endsWith(id)));
  // What nobody could ask about may be in the ledger and not in the history; nothing else may differ.
  expect([...new Set([...told, ...open])].sort(), JSON.stringify(details)).toEqual(done.sort());
  for (const { id, steps, dryRun } of details) {
    if (dryRun) continue;
    for (const { path, status } of steps) expect(['planned', 'running'], `${path} of ${id}`).not.toContain(status);
  }
  const names = new Set(ledger.map(({ path }) => path));
  for (const { id, status, dryRun, bundle, failure } of details) {
    const known = model.deployments.find((candidate) => candidate.id === id);
    if (status === 'succeeded' && !dryRun) {
      for (const path of firstPaths(known?.files ?? 0)) expect(names, `${id} of ${bundle} succeeded`).toContain(path);
    }
    if (status === 'failed') {
      expect(['sql_error', 'missing_file', 'resolution_stale', 'connection_lost'], JSON.stringify(failure)).toContain(
        failure?.code,
      );
      if (failure?.code === 'sql_error') expect(model.wasShut[target]).toBe(true);
    }
    if (status === 'needs_attention') expect(failure?.hint).toMatch(new RegExp(`(resolve|retry) ${id}|dry run`));
  }
}

/** Nothing begins while it waits for an approval, but to be cancelled. @returns those that ever did */
async function expectApprovals(world: World): Promise<Set<string>> {
  const events = await world.stage.control.query<{ deployment_id: string; type: string }>(
    `SELECT deployment_id, type FROM control_plane.events
     WHERE type IN ('awaiting_approval', 'approval_voided', 'approved', 'started', 'cancel_requested') ORDER BY deployment_id, number`,
  );
  const awaited = new Set<string>();
  const waits = new Set<string>();
  for (const { deployment_id: id, type } of events) {
    if (type === 'awaiting_approval' || type === 'approval_voided') {
      awaited.add(id);
      waits.add(id);
    } else if (type === 'started') {
      expect(waits.has(id), `${id} began without an approval`).toBe(false);
    } else waits.delete(id);
  }
  return awaited;
}

function isOutcomeUnknown(failure: DeploymentDetail['failure']): boolean {
  return failure?.code === 'outcome_unknown' || failure?.outcomeUnknown === true;
}

/** Those of one target, all of one priority: none begins before the one before it has ended. */
function expectOneAtATime(details: readonly DeploymentDetail[]): void {
  const begun = details.filter(({ startedAt }) => startedAt !== null);
  const inOrder = begun.toSorted((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
  for (const [i, { id, startedAt }] of inOrder.entries()) {
    const before = inOrder[i - 1];
    if (before === undefined) continue;
    expect(Date.parse(startedAt ?? ''), `${id} began before the end of ${before.id}`).toBeGreaterThanOrEqual(
      Date.parse(before.finishedAt ?? ''),
    );
  }
}

async function expectEvents(details: readonly DeploymentDetail[], world: World): Promise<void> {
  for (const { id, status } of details) {
    const events = await world.stage.control.query<DeploymentEvent & { type: string; data: { status?: string } }>(
      'SELECT number, type, data FROM control_plane.events WHERE deployment_id = $1 ORDER BY number',
      [id],
    );
    expect(events.map(({ number }) => number)).toEqual(events.map((_, i) => i + 1));
    expect(events.filter(({ type }) => type === 'finished').map(({ data }) => data.status)).toEqual([status]);
    expect(events.at(-1)?.type).toBe('finished');
  }
}

/** After all that a target can still be brought to its end, with an answer where one is asked for. */
async function expectNotStuck(model: Model, world: World, target: number): Promise<void> {
  await world.setGate(target, 'shut', false);
  await world.setGate(target, 'jam', false);
  const { name } = world.targets[target] ?? { name: '' };
  const end = async (path: string, body?: unknown): Promise<DeploymentDetail> => {
    const [made] = await world.ask('POST', path, body);
    if (made.status !== 202) throw new Error(`${path}: ${made.text}`);
    const final = await until(
      async () => (await world.ask('GET', `/v1/deployments/${made.body.id}`))[0].body as unknown as DeploymentDetail,
      ({ finishedAt }) => finishedAt !== null,
      PATIENCE_MS,
    );
    return final;
  };
  const whole = { target: name, mode: 'deployment', bundle: world.digests[MOST_FILES - 1] };
  let last = await end('/v1/deployments', whole);
  if (last.status === 'needs_attention') {
    model.notApplied[target]! += 1;
    last = await end(`/v1/deployments/${last.id}/resolve`, { file: STUCK, outcome: 'not-applied' });
  }
  expect(last).toMatchObject({ status: 'succeeded' });
  expect((await ledgerOf(world, target)).map(({ path }) => path)).toEqual(firstPaths(MOST_FILES));
}
