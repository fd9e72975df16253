import { createContext, type JSX, type ReactNode, use } from 'react';
import { Link } from 'wouter';

const KnownViews = createContext<readonly string[]>([]);

/** Tells all below which addresses there are. */
export function KnownViewsProvider({
  paths,
  children,
}: {
  readonly paths: readonly string[];
  readonly children: ReactNode;
}): JSX.Element {
  return <KnownViews value={paths}>{children}</KnownViews>;
}

/** Whether there is a view at such an address, as in `/deployments/:id`. */
export function useHasView(path: string): boolean {
  return use(KnownViews).includes(path);
}

/** Leads to another view: a link where that view exists, else the bare text. */
export function ViewLink({
  view,
  to,
  children,
}: {
  /** As it stands in routes.tsx. */
  readonly view: string;
  readonly to: string;
  readonly children: ReactNode;
}): JSX.Element {
  return useHasView(view) ? <Link to={to}>{children}</Link> : <>{children}</>;
}
