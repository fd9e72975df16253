import { type JSX, Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { LiveProvider } from './live/live.tsx';
import { PageLayout } from './page-layout.tsx';
import { KnownViewsProvider } from './routing/known-views.tsx';
import { ROUTES } from './routes.tsx';
import { SessionProvider, useSession } from './session/session.tsx';
import { SignInPage } from './session/sign-in-page.tsx';
import { ButtonLink } from './ui/button.tsx';
import { Empty } from './ui/empty.tsx';
import { Skeleton } from './ui/skeleton.tsx';
import { ToastProvider } from './ui/toast.tsx';
import { ViewGuard } from './view-guard.tsx';

const PATHS = ROUTES.map(({ path }) => path);

/** The page: a sign-in, and behind it the views. */
export function App(): JSX.Element {
  return (
    <SessionProvider>
      <Gate />
    </SessionProvider>
  );
}

function Gate(): JSX.Element | null {
  const { state } = useSession();
  if (state.kind === 'checking') return null;
  // In the place of the view, whose address stays: who signs in again is where they were.
  if (state.kind === 'out') return <SignInPage error={state.error} isExpired={state.isExpired} />;
  return (
    <LiveProvider>
      <ToastProvider>
        <KnownViewsProvider paths={PATHS}>
          <PageLayout>
            <ViewGuard>
              <Suspense fallback={<Skeleton height="20rem" />}>
                <Switch>
                  {ROUTES.map(({ path, view }) => (
                    <Route key={path} path={path} component={view} />
                  ))}
                  <Route>
                    <Empty title="There is no such page">
                      <p>The address leads to nothing here. What you look for may be in the fleet.</p>
                      <ButtonLink to="/">Fleet</ButtonLink>
                    </Empty>
                  </Route>
                </Switch>
              </Suspense>
            </ViewGuard>
          </PageLayout>
        </KnownViewsProvider>
      </ToastProvider>
    </LiveProvider>
  );
}
