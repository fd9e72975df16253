import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { OperationId } from '../api/client.ts';
import { useStream } from '../live/live.tsx';
import { refresher } from '../live/refresher.ts';
import { useClient } from '../session/session.tsx';
import type { RolloutEvent } from './event-text.ts';
import { isAtItsEnd, type RolloutDetail } from './rollout.ts';

/** What a rollout's own events make stale: a pause or a promotion is no event of a deployment. */
const CHANGED: readonly OperationId[] = [
  'getRollout',
  'getRolloutApproval',
  'getRolloutProgress',
  'listRolloutTargets',
  'listRollouts',
];
const SPACING_MS = 1000;
/** So many past ones are there at once, and so many more each time that they are asked for. */
const PIECE = 300;
/** A thousand events in one answer are drawn once. */
const GATHER_MS = 100;

/** What happened with a rollout, and goes on happening. */
export interface RolloutEvents {
  /** The newest first. */
  readonly events: readonly RolloutEvent[];
  /** Asks for those before; does nothing when there are none. */
  readonly more: () => void;
}

/**
 * Follows a rollout: its events, live, and with them all else that is shown of it. A rollout that is tried again after
 * its end is followed again. The component has to be another one (`key`) for another rollout.
 */
export function useRolloutEvents({ id, status, lastEvent }: RolloutDetail): RolloutEvents {
  const queries = useQueryClient();
  const client = useClient();
  const [events, setEvents] = useState<readonly RolloutEvent[]>([]);
  const [known] = useState(lastEvent);
  const first = Math.max(0, known - PIECE);
  const latest = useRef(first);
  const earliest = useRef(first);
  const refresh = useMemo(() => refresher(queries, SPACING_MS), [queries]);
  const gathered = useRef<{ events: RolloutEvent[]; timer: ReturnType<typeof setTimeout> | null }>({
    events: [],
    timer: null,
  });
  useEffect(() => {
    const waiting = gathered.current;
    return () => {
      refresh.stop();
      if (waiting.timer !== null) clearTimeout(waiting.timer);
    };
  }, [refresh]);

  // A stream is over at the end; where it begins anew when the rollout goes on after all is read then.
  const isOver = isAtItsEnd(status);
  const path = useMemo(() => `/v1/rollouts/${id}/events?after=${latest.current}`, [id, isOver]);
  useStream(path, (arrived) => {
    const waiting = gathered.current;
    for (const { data } of arrived) {
      const event = data as RolloutEvent;
      if (event.number <= latest.current) continue;
      latest.current = event.number;
      waiting.events.push(event);
    }
    if (latest.current > known) refresh.add(CHANGED);
    waiting.timer ??= setTimeout(() => {
      waiting.timer = null;
      const fresh = waiting.events.splice(0).reverse();
      setEvents((shown) => [...fresh, ...shown]);
    }, GATHER_MS);
  });

  const isAsking = useRef(false);
  const more = useCallback(() => {
    if (isAsking.current || earliest.current === 0) return;
    isAsking.current = true;
    const after = Math.max(0, earliest.current - PIECE);
    const limit = earliest.current - after;
    client
      .call('listRolloutEvents', { params: { id }, query: { after, limit } })
      .then(({ items }) => {
        earliest.current = after;
        setEvents((shown) => [...shown, ...[...items].reverse()]);
      })
      // What was not to be had now is asked for when the end of the list is reached again.
      .catch(() => undefined)
      .finally(() => {
        isAsking.current = false;
      });
  }, [client, id]);
  return { events, more };
}
