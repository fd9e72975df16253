import { type JSX, type ReactNode, useEffect } from 'react';

/** What every view has: its title, on the page and of the tab, and what can be done. */
export function View({
  title,
  beside,
  actions,
  children,
}: {
  readonly title: string;
  /** Right of the title: a status, a count. */
  readonly beside?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}): JSX.Element {
  useEffect(() => {
    document.title = `${title} · Postgres Manager`;
  }, [title]);
  return (
    <>
      <div className="view-head">
        <h1>{title}</h1>
        {beside}
        {actions !== undefined && <div className="actions">{actions}</div>}
      </div>
      {children}
    </>
  );
}
