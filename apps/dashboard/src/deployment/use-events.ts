import { useEffect, useRef, useState } from 'react';
import { type ApiError, toApiError } from '../api/api-error.ts';
import type { ApiClient } from '../api/client.ts';
import { useStream } from '../live/live.tsx';
import { useClient } from '../session/session.tsx';
import type { DeploymentEvent } from './deployment.ts';

/** What has happened with a deployment so far. */
export interface PastAndLive {
  /** In their order, from the first. */
  readonly events: readonly DeploymentEvent[];
  /** The past is still being read. */
  readonly isReading: boolean;
  readonly error: ApiError | null;
  readonly retry: () => void;
}

interface Read {
  readonly events: readonly DeploymentEvent[];
  /** The last event of the past; null while it is read. */
  readonly pastEnd: number | null;
  readonly error: ApiError | null;
}

/** Reads what has happened, then follows what happens. For one deployment: another one is another component. */
export function useEvents(id: string): PastAndLive {
  const client = useClient();
  const [read, setRead] = useState<Read>({ events: [], pastEnd: null, error: null });
  const [tries, setTries] = useState(0);
  const known = useRef(0);
  useEffect(() => {
    const ended = new AbortController();
    const add = (events: readonly DeploymentEvent[]): void => {
      known.current = events.at(-1)?.number ?? known.current;
      setRead((before) => ({ ...before, events: [...before.events, ...events] }));
    };
    readPast(client, id, known.current, add, ended.signal).then(
      (pastEnd) => setRead((before) => ({ ...before, pastEnd })),
      (error: unknown) => {
        if (!ended.signal.aborted) setRead((before) => ({ ...before, error: toApiError(error) }));
      },
    );
    return () => ended.abort();
  }, [client, id, tries]);
  const isOver = read.events.at(-1)?.type === 'finished';
  const follows = read.pastEnd !== null && !isOver;
  useStream(follows ? `/v1/deployments/${id}/events?after=${read.pastEnd}` : null, (sent) => {
    const news = sent
      .map(({ data }) => data as DeploymentEvent)
      .filter(({ number }) => number > known.current)
      .sort((a, b) => a.number - b.number);
    if (news.length === 0) return;
    known.current = news.at(-1)?.number ?? known.current;
    setRead((before) => ({ ...before, events: [...before.events, ...news] }));
  });
  return {
    events: read.events,
    isReading: read.pastEnd === null && read.error === null,
    error: read.error,
    retry: () => {
      setRead((before) => ({ ...before, error: null }));
      setTries((count) => count + 1);
    },
  };
}

/** @returns the number of the last event there is */
async function readPast(
  client: ApiClient,
  id: string,
  behind: number,
  add: (events: readonly DeploymentEvent[]) => void,
  signal: AbortSignal,
): Promise<number> {
  for (let after = behind; ; ) {
    const page = await client.call('listDeploymentEvents', { params: { id }, query: { after } }, { signal });
    if (signal.aborted) return after;
    add(page.items);
    if (page.nextAfter === null) return page.items.at(-1)?.number ?? after;
    after = page.nextAfter;
  }
}
