import { exitCodeOfSignal } from '../../../exit-codes.ts';
import { type Outcome, outcomeOf } from '../../../outcome.ts';
import { formatDuration } from '../../../output/duration.ts';
import type { Paint } from '../../../output/paint.ts';
import { RunRecorder } from '../../../run-record.ts';
import { stopWithoutFile } from '../../../stop.ts';
import type { ClientCommand, ClientContext } from '../../client-context.ts';
import { follow } from '../../service/follow.ts';
import type { WireEvent } from '../../service/read-stream.ts';
import { ServiceError } from '../../service/service-error.ts';
import { expectRecord } from '../../views/fields.ts';
import { hasEnded, readRolloutView, type RolloutView } from '../../views/rollout-view.ts';
import { type Leaving, watchForLeaving } from '../leaving.ts';
import { rolloutPicture } from './describe-rollout.ts';
import { rolloutLine } from './rollout-lines.ts';
import { rolloutOutcome } from './rollout-outcome.ts';

/** How often the picture is asked for anew while something happens, and while nothing does. */
const REFRESH_MS = 1000;
const IDLE_REFRESH_MS = 5000;

/** Shows a rollout live until it has ended, and ends as it did: with the exit code of how it ended. */
export const runFollowRollout: ClientCommand<{ readonly id: string }> = ({ id }, context) =>
  watchRollout(id, 0, context);

/**
 * Shows what happens with a rollout until it has ended or stopped. A signal ends the watching, not the rollout.
 * @param after the number of the last event that is known; 0 begins at the first
 * @param leaving where signals are taken already; without it they are from here on
 */
export async function watchRollout(
  id: string,
  after: number,
  context: ClientContext,
  leaving?: Leaving,
): Promise<Outcome> {
  const taken = leaving ?? watchForLeaving(() => farewell(id, context).join(' '));
  const picture = new Picture(id, context);
  try {
    let last = after;
    for (;;) {
      await follow(context.service, {
        path: `/v1/rollouts/${encodeURIComponent(id)}/events`,
        after: last,
        isEnd: ({ type }) => ['finished', 'stopped'].includes(type),
        signal: taken.signal,
        quietMs: null,
        onClock: () => undefined,
        onEvent: (event) => {
          last = event.number;
          picture.changed();
          const { number, type, at, data } = event;
          const json = { ...data, type, number, at, rolloutId: id };
          context.tell({ type: 'service', json, line: (paint) => lineOf(event, id, context, paint) }, picture);
        },
        onTrouble: ({ reason, waitMs, attempt }) => {
          const json = { type: 'service_away', rolloutId: id, reason, waitMs, attempt };
          const line = `lost sight of the rollout, which goes on (${reason}); again in ${formatDuration(waitMs)}`;
          context.tell({ type: 'service', json, line: (paint) => paint.yellow(paint.line(line)) }, picture);
        },
      });
      const view = taken.received() === null ? await taken.race(findRollout(id, context)) : null;
      if (view === null) return leftOutcome(id, context, taken);
      // What was read may be of an earlier stop, after which it was resumed.
      if (hasEnded(view)) return rolloutOutcome(view, context);
    }
  } catch (error) {
    throw error instanceof ServiceError ? stillAtTheService(id, context, error) : error;
  } finally {
    picture.end();
    if (leaving === undefined) taken.release();
  }
}

/** With what to type where somebody has to do something. */
function lineOf(event: WireEvent, id: string, context: ClientContext, paint: Paint): string | null {
  const line = rolloutLine(event, context.now(), paint);
  if (line === null || event.type !== 'awaiting_approval') return line;
  return `${line}\n  whoever may approve it types: ${context.commandLine(`rollout approve ${id}`)}`;
}

/** All about one rollout. @throws ServiceError rollout_unknown */
export async function findRollout(id: string, { service }: ClientContext): Promise<RolloutView> {
  const { body } = await service.ask({ method: 'GET', path: `/v1/rollouts/${encodeURIComponent(id)}` });
  return readRolloutView(expectRecord(body, 'the rollout'));
}

/** What is drawn below the lines on a terminal, kept up to date by asking now and then. */
class Picture extends RunRecorder {
  readonly #id: string;
  readonly #context: ClientContext;
  #view: RolloutView | null = null;
  #isStale = true;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(id: string, context: ClientContext) {
    super(context.now());
    this.#id = id;
    this.#context = context;
    // Nobody sees it elsewhere.
    if (context.columns === null || context.json) return;
    this.#timer = setInterval(() => this.#refresh(), REFRESH_MS / 2);
    this.#timer.unref();
  }

  readonly picture = (columns: number, paint: Paint): readonly string[] =>
    this.#view === null
      ? [paint.bold('asking the service')]
      : rolloutPicture(this.#view, this.#context.now(), columns, paint);

  changed(): void {
    this.#isStale = true;
  }

  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #refresh(): void {
    const since = this.#context.now() - this.#askedAt;
    if (this.#asking || since < (this.#isStale ? REFRESH_MS : IDLE_REFRESH_MS)) return;
    this.#asking = true;
    this.#isStale = false;
    this.#askedAt = this.#context.now();
    findRollout(this.#id, this.#context)
      .then((view) => {
        this.#view = view;
      })
      // The stream tells of it when the service is away.
      .catch(() => undefined)
      .finally(() => {
        this.#asking = false;
      });
  }
}

function farewell(id: string, context: ClientContext): [message: string, hint: string] {
  return [
    `stopped watching; rollout ${id} goes on`,
    `To have it pause: ${context.commandLine(`rollout pause ${id}`)}. To end it: ${context.commandLine(`rollout cancel ${id}`)}. To watch it again: ${context.commandLine(`rollout follow ${id}`)}.`,
  ];
}

function leftOutcome(id: string, context: ClientContext, leaving: Leaving): Outcome {
  const [message, hint] = farewell(id, context);
  const failed = stopWithoutFile('interrupted', message, hint);
  const outcome = outcomeOf({ status: 'accepted', failed }, { rollout: id }, (paint) => [
    paint.yellow(message),
    `  pause it:  ${context.commandLine(`rollout pause ${id}`)}`,
    `  cancel it: ${context.commandLine(`rollout cancel ${id}`)}`,
    `  watch it:  ${context.commandLine(`rollout follow ${id}`)}`,
  ]);
  return { ...outcome, exitCode: exitCodeOfSignal(leaving.received() ?? 'SIGINT'), abandoned: true };
}

/** The service was lost, not the rollout: that must be said, or somebody starts it again. */
function stillAtTheService(id: string, context: ClientContext, error: ServiceError): ServiceError {
  const { code, hint, exitCode, status, problems } = error;
  const message = `${error.message}. Rollout ${id} was accepted, and goes on`;
  const next = `How it stands: ${context.commandLine(`rollout show ${id}`)}`;
  return new ServiceError(code, message, `${hint} ${next}`.trim(), { exitCode, status, problems, cause: error });
}
