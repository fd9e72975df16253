import type { ButtonHTMLAttributes, JSX } from 'react';
import { Link } from 'wouter';

type Kind = 'primary' | 'plain' | 'danger' | 'quiet';

/** A button. `danger` for what can't be taken back, `quiet` beside others that matter more. */
export function Button({
  kind = 'plain',
  ...rest
}: { readonly kind?: Kind } & ButtonHTMLAttributes<HTMLButtonElement>): JSX.Element {
  return <button type="button" className="button" data-kind={kind} {...rest} />;
}

/** What looks like a button and leads somewhere. */
export function ButtonLink({
  kind = 'plain',
  to,
  children,
}: {
  readonly kind?: Kind;
  readonly to: string;
  readonly children: string;
}): JSX.Element {
  return (
    <Link className="button" data-kind={kind} to={to}>
      {children}
    </Link>
  );
}
