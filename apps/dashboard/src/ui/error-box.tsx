import type { JSX } from 'react';
import type { ApiError } from '../api/api-error.ts';
import { Button } from './button.tsx';

/** Why something did not work, in the service's own words: what happened, what is wrong with what, what to do next. */
export function ErrorBox({ error, onRetry }: { readonly error: ApiError; readonly onRetry?: () => void }): JSX.Element {
  return (
    <div className="error-box" role="alert">
      <strong>{error.detail}</strong>
      {error.faults.length > 0 && (
        <ul>
          {error.faults.map((fault) => (
            <li key={`${fault.path} ${fault.message}`}>
              <code>{fault.path || fault.in}</code> {fault.message}
            </li>
          ))}
        </ul>
      )}
      {error.problems.length > 0 && (
        <ul>
          {error.problems.map((problem) => (
            <li key={`${problem.path} ${problem.line} ${problem.message}`}>
              <code>
                {problem.path}
                {problem.line === null ? '' : `:${problem.line}:${problem.column ?? 1}`}
              </code>{' '}
              {problem.message} {problem.hint}
            </li>
          ))}
        </ul>
      )}
      <span>{error.hint}</span>
      <span className="muted small">
        <code>{error.code}</code>
        {error.requestId !== null && (
          <>
            {' '}
            · request <code>{error.requestId}</code>
          </>
        )}
      </span>
      {onRetry !== undefined && (
        <span>
          <Button onClick={onRetry}>Try again</Button>
        </span>
      )}
    </div>
  );
}
