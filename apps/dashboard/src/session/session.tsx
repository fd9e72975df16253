import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createContext, type JSX, type ReactNode, use, useEffect, useMemo, useRef, useState } from 'react';
import { type ApiError, toApiError } from '../api/api-error.ts';
import { ApiClient, type OperationId } from '../api/client.ts';
import { roleMay } from './roles.ts';
import { exchangeCode, onCodeInAddress, takeCodeFromAddress } from './sign-in-code.ts';
import type { Me } from './who-am-i.ts';

/** Of this tab alone, and gone with it. */
const STORED_AS = 'postgres-manager-key';

/** Whether somebody is signed in, and if not, why. */
export type SessionState =
  | { readonly kind: 'checking' }
  | { readonly kind: 'out'; readonly error: ApiError | null; readonly isExpired: boolean }
  | { readonly kind: 'in'; readonly client: ApiClient; readonly me: Me };

interface Session {
  readonly state: SessionState;
  readonly signIn: (key: string) => Promise<void>;
  readonly signOut: () => void;
}

const SessionContext = createContext<Session | null>(null);
const OUT: SessionState = { kind: 'out', error: null, isExpired: false };

/** Holds the key, in the tab's session storage and nowhere else, and the answers that were given to it. */
export function SessionProvider({ children }: { readonly children: ReactNode }): JSX.Element {
  const [state, setState] = useState<SessionState>({ kind: 'checking' });
  const queries = useMemo(newQueryClient, []);
  const session = useMemo<Session>(() => {
    const leave = (next: SessionState): void => {
      sessionStorage.removeItem(STORED_AS);
      queries.clear();
      setState(next);
    };
    return {
      state,
      signOut: () => leave(OUT),
      signIn: async (key) => {
        // While the key is tried its refusal is the form's matter; later it is the end of the session, at its place.
        let isIn = false;
        const client = new ApiClient(key, () => {
          if (isIn) leave({ kind: 'out', error: null, isExpired: true });
        });
        try {
          const me = await client.call('getMe', {});
          isIn = true;
          sessionStorage.setItem(STORED_AS, key);
          setState({ kind: 'in', client, me });
        } catch (error) {
          const said = toApiError(error);
          if (said.isSignedOut) leave({ kind: 'out', error: said, isExpired: false });
          else setState({ kind: 'out', error: said, isExpired: false });
        }
      },
    };
  }, [state, queries]);
  const first = useRef(session);
  useEffect(() => {
    void start(first.current, setState);
    return onCodeInAddress(() => {
      // Whatever was shown was for another key.
      queries.clear();
      setState({ kind: 'checking' });
      void start(first.current, setState);
    });
  }, [queries]);
  return (
    <SessionContext value={session}>
      <QueryClientProvider client={queries}>{children}</QueryClientProvider>
    </SessionContext>
  );
}

async function start(session: Session, setState: (state: SessionState) => void): Promise<void> {
  const code = takeCodeFromAddress();
  const stored = sessionStorage.getItem(STORED_AS);
  try {
    const key = code === null ? stored : await exchangeCode(code);
    if (key === null) setState(OUT);
    else await session.signIn(key);
  } catch (error) {
    // A code is good once: whoever reloads has been signed in by it already.
    if (stored === null) setState({ kind: 'out', error: toApiError(error), isExpired: false });
    else await session.signIn(stored);
  }
}

function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 1000,
        retry: (count, error) => toApiError(error).mayPass && count < 2,
        refetchOnWindowFocus: true,
      },
      mutations: { retry: false },
    },
  });
}

/** Whether somebody is signed in, and how to change that. */
export function useSession(): Session {
  const session = use(SessionContext);
  if (session === null) throw new Error('useSession outside of SessionProvider');
  return session;
}

function useSignedIn(): Extract<SessionState, { kind: 'in' }> {
  const { state } = useSession();
  if (state.kind !== 'in') throw new Error('Asked for the session of somebody who is not signed in.');
  return state;
}

/** The API with the key of this session; only below the sign-in. */
export function useClient(): ApiClient {
  return useSignedIn().client;
}

/** Whose key it is; only below the sign-in. */
export function useMe(): Me {
  return useSignedIn().me;
}

/** Whether this key may make a call: `const may = useMay(); may('createDeployment') && <Button …>`. */
export function useMay(): (operation: OperationId) => boolean {
  const { role } = useMe();
  return (operation) => roleMay(role, operation);
}
