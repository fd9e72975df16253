import { Fragment, type JSX, memo } from 'react';
import type { Token } from './tokenize-sql.ts';

/** One line of SQL in its colours. */
export const SqlLine = memo(function SqlLine({ tokens }: { readonly tokens: readonly Token[] }): JSX.Element {
  return (
    <>
      {tokens.map(({ kind, text }, index) =>
        kind === 'plain' ? (
          <Fragment key={index}>{text}</Fragment>
        ) : (
          <span key={index} data-sql={kind}>
            {text}
          </span>
        ),
      )}
    </>
  );
});
