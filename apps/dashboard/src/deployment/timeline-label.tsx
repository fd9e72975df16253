import type { JSX } from 'react';
import { ViewLink } from '../routing/known-views.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { statusLook, type Tone } from '../ui/status.ts';
import { durationText } from '../ui/time-text.ts';
import type { Attempt, Step } from './deployment.ts';
import { describeEvent } from './describe-event.ts';
import type { TimelineRow } from './timeline-rows.ts';
import { LockHolder } from './waiting-for.tsx';

/** What a line of the timeline is about. */
export function TimelineLabel({ row, bundle }: { readonly row: TimelineRow; readonly bundle: string }): JSX.Element {
  switch (row.kind) {
    case 'wait':
      return (
        <>
          <StatusMark status="waiting" size={12} />
          <span className="cut prose" title={row.about ?? undefined}>
            {row.title}
            {row.about !== null && (
              <span className="muted">
                : <LockHolder holder={row.about} />
              </span>
            )}
          </span>
        </>
      );
    case 'attempt':
      return <AttemptLabel attempt={row.attempt} />;
    case 'note': {
      const { text, tone } = describeEvent(row.event);
      return (
        <span className="cut small note" data-tone={tone} title={text}>
          {text}
        </span>
      );
    }
    case 'more':
      return <span className="small muted note">{row.count.toLocaleString('en')} more in the log</span>;
    case 'step':
      return <StepLabel step={row.step} bundle={bundle} />;
  }
}

function AttemptLabel({ attempt }: { readonly attempt: Attempt }): JSX.Element {
  const { number, worker, workerHost, outcome, failure, lockWaitMs, backendPid } = attempt;
  const about = [
    `worker ${workerHost === null ? worker.slice(0, 8) : workerHost}`,
    backendPid === null ? '' : `backend ${backendPid}`,
    lockWaitMs >= 100 ? `waited ${durationText(lockWaitMs)} for the lock` : '',
    failure === null || outcome === 'failed' || outcome === 'needs_attention' ? '' : failure.message,
  ].filter(Boolean);
  const state = outcome ?? 'running';
  return (
    <>
      <StatusMark status={state} size={12} />
      <span className="cut" title={`${worker}\n${about.join(', ')}`}>
        <strong>Attempt {number}</strong> {statusLook(state).label}
        <span className="muted">, {about.join(', ')}</span>
      </span>
    </>
  );
}

function StepLabel({ step, bundle }: { readonly step: Step; readonly bundle: string }): JSX.Element {
  const { path, status, transactional, statementCount } = step;
  const kind = transactional ? '' : ', outside of a transaction';
  const statements = statementCount === 1 ? '1 statement' : `${statementCount} statements`;
  const { label } = statusLook(status);
  return (
    <>
      <StatusMark status={status} size={12} />
      <span className="cut" title={`${path}\n${label}, ${statements}${kind}`}>
        <ViewLink view="/bundles/:digest" to={`/bundles/${bundle}?file=${encodeURIComponent(path)}`}>
          <code>{path}</code>
        </ViewLink>
      </span>
      <span className="visually-hidden">{label}</span>
      {!transactional && (
        <span className="badge" title="Runs outside of a transaction">
          no tx
        </span>
      )}
    </>
  );
}

/** How long it took, or takes; null for what has no length. */
export function timelineLength(row: TimelineRow, now: number): number | null {
  if (row.kind === 'note' || row.kind === 'more' || row.from === null) return null;
  if (row.kind === 'step' && row.step.durationMs !== null && row.to !== null) return row.step.durationMs;
  return Math.max(0, (row.to ?? now) - row.from);
}

export function timelineTone(row: TimelineRow): Tone {
  switch (row.kind) {
    case 'wait':
      return 'wait';
    case 'attempt':
      return statusLook(row.attempt.outcome ?? 'running').tone;
    case 'note':
      return describeEvent(row.event).tone;
    case 'step':
      return statusLook(row.step.status).tone;
    case 'more':
      return 'idle';
  }
}
