import type { JSX, ReactNode } from 'react';
import { useClock } from '../ui/clock.ts';
import { Status } from '../ui/status-mark.tsx';
import type { Tone } from '../ui/status.ts';
import { counted, relativeTime } from '../ui/time-text.ts';
import { Duration, Time } from '../ui/time.tsx';
import { endedOf, isAtItsEnd, type RolloutDetail } from './rollout.ts';
import { Waiting } from './waiting.tsx';

const TONES: Partial<Record<RolloutDetail['status'], Tone>> = { stopped: 'bad', stopping: 'bad', failed: 'bad' };

/** Why it does not move, and what makes it go on; nothing while it simply runs or has ended well. */
export function Notice({ rollout }: { readonly rollout: RolloutDetail }): JSX.Element | null {
  const { status, reason, waitingFor } = rollout;
  const next = nextText(rollout);
  // Of a stop it has the numbers; of a pause the reason is a person's word.
  const isCounted = status === 'stopped' && waitingFor?.kind === 'resume';
  if (waitingFor === null && reason === null && next === null) return null;
  return (
    <div className="notice" data-tone={TONES[status] ?? 'wait'} role="status">
      <Status status={status} />
      {reason !== null && (
        <span>
          {isCounted ? waitingFor.reason : reason.reason}{' '}
          <span className="muted">
            {reason.by === null ? 'By itself' : `By ${reason.by}`}, <Time at={reason.at} />.
          </span>
        </span>
      )}
      {waitingFor !== null && waitingFor.kind !== 'resume' && (
        <span>
          <Waiting waitingFor={waitingFor} />
        </span>
      )}
      {next !== null && <span>{next}</span>}
    </div>
  );
}

function nextText({ status, counts }: RolloutDetail): string | null {
  switch (status) {
    case 'stopped':
      return `Nothing more is started until it is resumed, with this bundle or a mended one: ${counted(counts.pending, 'target waits', 'targets wait')}.`;
    case 'paused':
      return `It goes on when it is resumed: ${counted(counts.pending, 'target waits', 'targets wait')}.`;
    case 'failed':
      return 'It went to its end, and not all went well: what failed can be tried again, with this bundle or a mended one.';
    default:
      return null;
  }
}

/** How far, how much may still fail, how fast, until when. */
export function Summary({ rollout }: { readonly rollout: RolloutDetail }): JSX.Element {
  const { counts, targets, failures, failureBudget, pace, startedAt, finishedAt, dryRun } = rollout;
  return (
    <dl className="tiles">
      <Tile title="Targets ended">
        <strong>{endedOf(counts).toLocaleString('en')}</strong> of {targets.toLocaleString('en')}
      </Tile>
      <Tile title="Failure budget used">
        {dryRun ? (
          'not in a dry run'
        ) : (
          <>
            <strong data-tone={failures > failureBudget ? 'bad' : undefined} className="tone-text">
              {failures.toLocaleString('en')}
            </strong>{' '}
            of {failureBudget.toLocaleString('en')}
            {failures > failureBudget && <span className="tile-note">exceeded</span>}
          </>
        )}
      </Tile>
      <Tile title="Pace" about={pace?.basis}>
        {pace === null ? (
          <span className="muted">–</span>
        ) : (
          <>
            <strong>{pace.perMinute.toLocaleString('en')}</strong> a minute
          </>
        )}
      </Tile>
      {isAtItsEnd(rollout.status) && finishedAt !== null ? (
        <Tile title="Took">
          <Duration from={startedAt ?? rollout.createdAt} to={finishedAt} />
        </Tile>
      ) : (
        <Tile title="Expected end" about={pace?.basis}>
          {pace?.expectedEnd ? (
            <ExpectedEnd at={pace.expectedEnd} />
          ) : (
            <span className="muted">not to be foretold</span>
          )}
        </Tile>
      )}
    </dl>
  );
}

const NEAR_MS = 10_000;
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: 'short', hourCycle: 'h23' });

function ExpectedEnd({ at }: { readonly at: string }): JSX.Element {
  const moment = Date.parse(at);
  const text = useClock((now) => (moment - now < NEAR_MS ? 'any moment' : relativeTime(moment, now)));
  return (
    <time dateTime={at}>
      <strong>{text}</strong> {CLOCK.format(moment)}
    </time>
  );
}

function Tile({
  title,
  about,
  children,
}: {
  readonly title: string;
  readonly about?: string | undefined;
  readonly children: ReactNode;
}): JSX.Element {
  return (
    <div title={about}>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}
