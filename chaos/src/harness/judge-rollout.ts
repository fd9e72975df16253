import type { End, ExpectedEnd } from './flaws.ts';
import type { Service } from './service.ts';

/** What the API says of a rollout's target. */
export interface RolloutTarget {
  readonly target: string;
  readonly server: string;
  readonly wave: number;
  readonly state: string;
  readonly tries: number;
  readonly deployment: string | null;
  readonly failure: { readonly code: string; readonly sqlstate: string | null; readonly message: string } | null;
}

interface RolloutDetail {
  readonly status: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly waves: readonly { readonly number: number; readonly counts: Readonly<Record<string, number>> }[];
  readonly failed: readonly { readonly count: number }[];
}

export interface RolloutFindings {
  readonly status: string;
  readonly targets: readonly RolloutTarget[];
  /** Targets that did not end as they were to. */
  readonly wrongEnd: string[];
  /** Targets of which a worker or a connection was lost in the middle. */
  readonly struck: ReadonlySet<string>;
  /** What is not at its end though the rollout is. */
  readonly leftOver: string[];
  /** Numbers that are not those of the targets. */
  readonly counts: string[];
  /** Events that are missing, twice, or tell something else. */
  readonly events: string[];
}

/**
 * Holds a rollout that has ended against what it was to come to, and its own accounts against each other.
 * @param expected of each target how it is to end
 */
export async function judgeRollout(
  service: Service,
  id: string,
  expected: ReadonlyMap<string, ExpectedEnd>,
): Promise<RolloutFindings> {
  const detail = await service.http.insist<RolloutDetail>('GET', `/v1/rollouts/${id}`);
  const targets = await readTargets(service, id);
  const struck = await findStruck(service, id);
  return {
    status: detail.status,
    targets,
    wrongEnd: findWrongEnds(targets, expected, struck),
    struck,
    leftOver: await findLeftOver(service, id),
    counts: findWrongCounts(detail, targets),
    events: await findWrongEvents(service, id, detail.status, targets),
  };
}

async function readTargets({ http }: Service, id: string): Promise<RolloutTarget[]> {
  const all: RolloutTarget[] = [];
  for (let cursor = ''; ; ) {
    const page = await http.insist<{ items: RolloutTarget[]; nextCursor: string | null }>(
      'GET',
      `/v1/rollouts/${id}/targets?limit=200${cursor}`,
    );
    all.push(...page.items);
    if (page.nextCursor === null) return all;
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
}

async function findStruck({ control }: Service, id: string): Promise<Set<string>> {
  const rows = await control.query<{ name: string }>(
    `SELECT DISTINCT d.target_name AS name FROM control_plane.deployments d
     JOIN control_plane.attempts a ON a.deployment_id = d.id
     WHERE d.rollout_id = $1 AND (a.outcome = 'lost' OR a.failure ->> 'code' IN ('connection_lost', 'unreachable'))`,
    [id],
  );
  return new Set(rows.map(({ name }) => name));
}

function findWrongEnds(
  targets: readonly RolloutTarget[],
  expected: ReadonlyMap<string, ExpectedEnd>,
  struck: ReadonlySet<string>,
): string[] {
  const seen = new Map(targets.map((one) => [one.target, one]));
  const wrong = [...expected].filter(([name, { end, whenStruck }]) => {
    const { state, failure } = seen.get(name) ?? { state: 'missing', failure: null };
    const isThis = (right: End): boolean =>
      state === right.state && (failure?.code ?? null) === right.code && (failure?.sqlstate ?? null) === right.sqlstate;
    return !isThis(end) && !(struck.has(name) && whenStruck.some(isThis));
  });
  return [
    ...wrong.map(([name, { end }]) => {
      const { state, failure } = seen.get(name) ?? {};
      return `${name}: ${state} ${failure?.code} ${failure?.sqlstate} (${failure?.message}), not ${JSON.stringify(end)}`;
    }),
    ...targets.filter(({ target }) => !expected.has(target)).map(({ target }) => `${target} was not asked for`),
  ];
}

async function findLeftOver({ control }: Service, id: string): Promise<string[]> {
  const rows = await control.query<{ what: string }>(
    `SELECT 'target ' || target_name || ' ' || state || CASE WHEN noted THEN '' ELSE ', not noted' END AS what
     FROM control_plane.rollout_targets WHERE rollout_id = $1 AND (state IN ('pending', 'started') OR NOT noted)
     UNION ALL SELECT 'deployment ' || id || ' ' || status FROM control_plane.deployments
     WHERE rollout_id = $1 AND status NOT IN ('succeeded', 'failed', 'cancelled', 'needs_attention')
     UNION ALL SELECT 'server ' || server || ' counts ' || pending || ' waiting, ' || started || ' started'
     FROM control_plane.rollout_servers WHERE rollout_id = $1 AND (pending <> 0 OR started <> 0)
     UNION ALL SELECT 'deployment ' || d.id || ' is ' || d.status || ', its target ' || m.state
     FROM control_plane.rollout_targets m JOIN control_plane.deployments d ON d.id = m.deployment_id
     WHERE m.rollout_id = $1 AND d.status <> m.state`,
    [id],
  );
  return rows.map(({ what }) => what);
}

function findWrongCounts({ counts, waves, failed }: RolloutDetail, targets: readonly RolloutTarget[]): string[] {
  const wrong: string[] = [];
  const compare = (who: string, given: Readonly<Record<string, number>>, of: readonly RolloutTarget[]): void => {
    for (const [state, count] of Object.entries(given)) {
      const real = of.filter((one) => one.state === state).length;
      if (real !== count) wrong.push(`${who}: ${count} ${state}, and ${real} are`);
    }
  };
  compare('rollout', counts, targets);
  for (const wave of waves) {
    const own = targets.filter((one) => one.wave === wave.number);
    compare(`wave ${wave.number}`, wave.counts, own);
  }
  const clustered = failed.reduce((sum, { count }) => sum + count, 0);
  const failures = targets.filter(({ state }) => state === 'failed' || state === 'needs_attention').length;
  if (clustered !== failures) wrong.push(`${clustered} failures are told of, and ${failures} targets failed`);
  return wrong;
}

interface EventRow {
  number: number;
  type: string;
  data: { target?: string; wave?: number; status?: string; deployment?: string };
}

/** Each start and each end once, in order, those of each wave between its beginning and its end. */
async function findWrongEvents(
  { control }: Service,
  id: string,
  status: string,
  targets: readonly RolloutTarget[],
): Promise<string[]> {
  const events = await control.query<EventRow>(
    'SELECT number, type, data FROM control_plane.rollout_events WHERE rollout_id = $1 ORDER BY number',
    [id],
  );
  const made = await control.query<{ id: string; status: string }>(
    'SELECT id, status FROM control_plane.deployments WHERE rollout_id = $1',
    [id],
  );
  const wrong = events
    .filter(({ number }, i) => number !== i + 1)
    .map(({ number }) => `event ${number} is out of line`);
  const told = (type: string): EventRow[] => events.filter((event) => event.type === type);
  const starts = told('target_started').map(({ data }) => data.deployment);
  const ends = told('target_finished').map(({ data }) => `${data.deployment} ${data.status}`);
  wrong.push(
    ...differences(
      'start',
      starts.map(String),
      made.map((one) => one.id),
    ),
  );
  wrong.push(
    ...differences(
      'end',
      ends,
      made.map((one) => `${one.id} ${one.status}`),
    ),
  );
  for (const wave of new Set(targets.map((one) => one.wave))) {
    const first = events.findIndex(({ type, data }) => type === 'wave_started' && data.wave === wave);
    const last = events.findLastIndex(({ type, data }) => type === 'wave_finished' && data.wave === wave);
    const own = events.flatMap(({ type, data }, i) => (type.startsWith('target_') && data.wave === wave ? [i] : []));
    if (own.some((place) => place < first || place > last)) wrong.push(`wave ${wave} goes on outside its bounds`);
  }
  const end = events.at(-1);
  if (end?.type !== 'finished' || end.data.status !== status) wrong.push(`the last event is ${JSON.stringify(end)}`);
  if (told('finished').length !== 1) wrong.push(`it has finished ${told('finished').length} times`);
  return wrong;
}

function differences(what: string, told: readonly string[], real: readonly string[]): string[] {
  const once = new Set(told);
  const there = new Set(real);
  return [
    ...(once.size === told.length ? [] : [`${told.length - once.size} ${what}s are told twice`]),
    ...real.filter((one) => !once.has(one)).map((one) => `no ${what} is told of ${one}`),
    ...told.filter((one) => !there.has(one)).map((one) => `a ${what} is told of ${one}, and there was none`),
  ];
}
