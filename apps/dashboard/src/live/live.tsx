import { useQueryClient } from '@tanstack/react-query';
import { createContext, type JSX, type ReactNode, use, useEffect, useRef, useState } from 'react';
import { useClient } from '../session/session.tsx';
import { follow } from './follow.ts';
import type { ServerEvent } from './read-events.ts';
import { refresher } from './refresher.ts';
import { whatChanges } from './what-changes.ts';

/** However many events come, what is shown is asked anew no more often than this. */
const SPACING_MS = 1500;
/** A short cut is nobody's business. */
const QUIET_MS = 4000;
const POLL_WHILE_LIVE_MS = 60_000;
const POLL_WHILE_CUT_MS = 10_000;

const OpenContext = createContext(true);

/** Follows all deployments for the whole page, and has what they change asked anew. */
export function LiveProvider({ children }: { readonly children: ReactNode }): JSX.Element {
  const client = useClient();
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(true);
  useEffect(() => {
    const ended = new AbortController();
    const refresh = refresher(queries, SPACING_MS);
    const onEvents = (events: readonly ServerEvent[]): void =>
      refresh.add(events.flatMap(({ type }) => whatChanges(type)));
    let wasCut = false;
    const onOpen = (isNowOpen: boolean): void => {
      setOpen(isNowOpen);
      // Before the first event there is no place to go on from: what was between is asked for instead.
      if (isNowOpen && wasCut) void queries.invalidateQueries();
      wasCut = !isNowOpen;
    };
    void follow(client, '/v1/events', { onEvents, onOpen }, ended.signal);
    return () => {
      ended.abort();
      refresh.stop();
    };
  }, [client, queries]);
  return <OpenContext value={isOpen}>{children}</OpenContext>;
}

/** How often a question is asked by the clock alone: seldom while events come. */
export function usePollMs(): number {
  return use(OpenContext) ? POLL_WHILE_LIVE_MS : POLL_WHILE_CUT_MS;
}

/** True once the events have been away for some seconds. */
export function useIsReconnecting(): boolean {
  const isOpen = use(OpenContext);
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    if (isOpen) return;
    const timer = setTimeout(() => setLate(true), QUIET_MS);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [isOpen]);
  return isLate;
}

/**
 * Follows a stream of one deployment or rollout while the component is there.
 * @param path such as `/v1/deployments/ID/events`; null: none now
 * @param onEvents may be a new function each time
 */
export function useStream(path: string | null, onEvents: (events: readonly ServerEvent[]) => void): void {
  const client = useClient();
  const latest = useRef(onEvents);
  useEffect(() => {
    latest.current = onEvents;
  });
  useEffect(() => {
    if (path === null) return;
    const ended = new AbortController();
    void follow(client, path, { onEvents: (events) => latest.current(events) }, ended.signal);
    return () => ended.abort();
  }, [client, path]);
}
