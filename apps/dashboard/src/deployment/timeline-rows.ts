import type { Attempt, Deployment, DeploymentEvent, Step } from './deployment.ts';
import type { Interval } from './time-scale.ts';

/** One line of the timeline. `to` null: it goes on. */
export type TimelineRow =
  | {
      readonly kind: 'wait';
      readonly title: string;
      readonly about: string | null;
      readonly from: number;
      readonly to: number | null;
    }
  | { readonly kind: 'attempt'; readonly attempt: Attempt; readonly from: number; readonly to: number | null }
  | { readonly kind: 'note'; readonly event: DeploymentEvent; readonly from: number }
  | { readonly kind: 'more'; readonly count: number }
  | { readonly kind: 'step'; readonly step: Step; readonly from: number | null; readonly to: number | null };

/** Waits shorter than this are nobody's business. */
const SHORT_MS = 50;
/** Of what happened within one step so much is shown; the log has all. */
const MOST_NOTES = 3;
/** What the log alone tells: the rows themselves say it already. */
const IN_THE_ROWS =
  /^(?:queued|scheduled|started|connected|waiting|planned|step_(?:started|progress|finished|failed)|finished)$/;

/** What an attempt has beside its steps. */
interface AttemptNotes {
  readonly locks: { holder: string; from: number; to: number | null }[];
  readonly before: DeploymentEvent[];
  readonly byPath: Map<string, DeploymentEvent[]>;
  readonly after: DeploymentEvent[];
}

/** What has become of a deployment so far, from its waiting to its end, attempt by attempt. */
export function timelineRows(deployment: Deployment, events: readonly DeploymentEvent[]): TimelineRow[] {
  const { attempts, steps } = deployment;
  const notes = sortEvents(events, steps);
  const rows: TimelineRow[] = [];
  rows.push(...waitsBefore(deployment));
  let end: number | null = null;
  for (const attempt of attempts) {
    const from = Date.parse(attempt.startedAt);
    if (end !== null && from - end > SHORT_MS) {
      rows.push({ kind: 'wait', title: `Before attempt ${attempt.number}`, about: null, from: end, to: from });
    }
    rows.push(...attemptRows(attempt, steps, notes.get(attempt.number)));
    end = time(attempt.finishedAt);
  }
  const last = attempts.at(-1);
  if (deployment.status === 'queued' && end !== null && last?.outcome !== 'waiting') {
    rows.push({ kind: 'wait', title: `Before attempt ${attempts.length + 1}`, about: null, from: end, to: null });
  }
  // Without an attempt nothing was planned; a plan whose attempt is not told of is shown all the same.
  const told = new Set(attempts.map(({ number }) => number));
  rows.push(...steps.filter((step) => !told.has(step.attempt)).map(stepRow));
  return rows;
}

/** The times in which something went on, for the scale: steps, and attempts of which no step is told. */
export function workOf(rows: readonly TimelineRow[], now: number): Interval[] {
  const withSteps = new Set(
    rows.flatMap((row) => (row.kind === 'step' && row.from !== null ? [row.step.attempt] : [])),
  );
  return rows.flatMap((row) => {
    const isWork = row.kind === 'step' || (row.kind === 'attempt' && !withSteps.has(row.attempt.number));
    return isWork && row.from !== null ? [{ from: row.from, to: row.to ?? now }] : [];
  });
}

function waitsBefore({ createdAt, notBefore, startedAt, status, finishedAt }: Deployment): TimelineRow[] {
  const created = Date.parse(createdAt);
  const due = Math.max(created, time(notBefore) ?? 0);
  const ended = time(finishedAt);
  const rows: TimelineRow[] = [];
  if (due - created > SHORT_MS) {
    const to = status === 'scheduled' ? null : Math.min(due, ended ?? due);
    rows.push({ kind: 'wait', title: 'Scheduled', about: null, from: created, to });
  }
  if (status === 'scheduled') return rows;
  const began = time(startedAt) ?? ended;
  const title = status === 'awaiting_approval' ? 'Approval' : 'Queued';
  if (began === null || began - due > SHORT_MS) rows.push({ kind: 'wait', title, about: null, from: due, to: began });
  return rows;
}

function attemptRows(attempt: Attempt, steps: readonly Step[], notes: AttemptNotes | undefined): TimelineRow[] {
  const rows: TimelineRow[] = [
    { kind: 'attempt', attempt, from: Date.parse(attempt.startedAt), to: time(attempt.finishedAt) },
  ];
  for (const { holder, from, to } of notes?.locks ?? []) {
    const end = to ?? (attempt.outcome === 'waiting' ? null : time(attempt.finishedAt));
    rows.push({ kind: 'wait', title: 'Lock', about: holder, from, to: end });
  }
  rows.push(...noteRows(notes?.before ?? [], Number.POSITIVE_INFINITY));
  for (const step of steps) {
    if (step.attempt !== attempt.number) continue;
    rows.push(stepRow(step), ...noteRows(notes?.byPath.get(step.path) ?? [], MOST_NOTES));
  }
  rows.push(...noteRows(notes?.after ?? [], Number.POSITIVE_INFINITY));
  return rows;
}

function stepRow(step: Step): TimelineRow {
  return {
    kind: 'step',
    step,
    from: time(step.startedAt),
    to: step.status === 'running' ? null : (time(step.finishedAt) ?? time(step.startedAt)),
  };
}

function noteRows(events: readonly DeploymentEvent[], most: number): TimelineRow[] {
  const rows: TimelineRow[] = events
    .slice(0, most)
    .map((event) => ({ kind: 'note', event, from: Date.parse(event.at) }));
  if (events.length > most) rows.push({ kind: 'more', count: events.length - most });
  return rows;
}

/** Which attempt, and which of its steps, an event belongs to. */
function sortEvents(events: readonly DeploymentEvent[], steps: readonly Step[]): Map<number, AttemptNotes> {
  const attemptOf = new Map(steps.map(({ path, attempt }) => [path, attempt]));
  const all = new Map<number, AttemptNotes>();
  let number = 0;
  let isUnderWay = false;
  for (const event of events) {
    const { type, data } = event;
    if (type === 'started' && typeof data['attempt'] === 'number') {
      if (data['attempt'] !== number) isUnderWay = false;
      number = data['attempt'];
    }
    const notes = all.get(number) ?? { locks: [], before: [], byPath: new Map<string, DeploymentEvent[]>(), after: [] };
    all.set(number, notes);
    const lock = notes.locks.at(-1);
    if (lock?.to === null && /^(?:waiting|planned|finished)$/.test(type)) lock.to = Date.parse(event.at);
    if (type === 'waiting') notes.locks.push({ holder: String(data['holder']), from: Date.parse(event.at), to: null });
    if (type === 'step_started') isUnderWay = true;
    const path = typeof data['path'] === 'string' ? data['path'] : null;
    // A step that a later attempt made again stands there; that it failed here is told here.
    const isMadeAgain = type === 'step_failed' && path !== null && attemptOf.get(path) !== number;
    if (IN_THE_ROWS.test(type) && !isMadeAgain) continue;
    if (path !== null && attemptOf.get(path) === number) {
      const own = notes.byPath.get(path);
      if (own === undefined) notes.byPath.set(path, [event]);
      else own.push(event);
    } else if (isUnderWay) notes.after.push(event);
    else notes.before.push(event);
  }
  return all;
}

function time(at: string | null): number | null {
  return at === null ? null : Date.parse(at);
}
