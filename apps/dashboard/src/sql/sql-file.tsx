import { Fragment, type JSX, useEffect, useMemo, useRef, useState } from 'react';
import type { Problem } from '../api/api-error.ts';
import { Button } from '../ui/button.tsx';
import { counted } from '../ui/time-text.ts';
import { SqlLine } from './sql-line.tsx';
import { sqlLines } from './tokenize-sql.ts';
import './sql.css';

/** More are drawn when they are asked for. */
const MOST_LINES = 2000;

/** A file in its colours, with what the validator says at the lines that it says it of. */
export function SqlFile({
  text,
  problems,
  label,
}: {
  readonly text: string;
  readonly problems: readonly Problem[];
  /** For screen readers: whose text it is. */
  readonly label: string;
}): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [isWhole, setWhole] = useState(false);
  const lines = useMemo(() => sqlLines(text.replaceAll('\r\n', '\n').replace(/\n$/, '')), [text]);
  const lastProblem = Math.max(0, ...problems.map(({ line }) => line ?? 0));
  const count = isWhole ? lines.length : Math.max(MOST_LINES, lastProblem);
  const first = problems.find(({ line }) => line !== null)?.line ?? null;
  useEffect(() => {
    const place = box.current?.querySelector('[data-marked="true"]');
    // Within its own box: the page stays where it is.
    if (first !== null && place instanceof HTMLElement && box.current !== null) {
      box.current.scrollTop = place.offsetTop - box.current.clientHeight / 3;
    }
  }, [first]);
  return (
    <div className="code sql-file" role="region" aria-label={label} tabIndex={0} ref={box}>
      {lines.slice(0, count).map((tokens, index) => {
        const own = problems.filter(({ line }) => line === index + 1);
        return (
          // Lines have no other name than their place.
          <Fragment key={index}>
            <div className="line" data-marked={own.length > 0}>
              <span className="number">{index + 1}</span>
              <span className="text">
                <SqlLine tokens={tokens} />
              </span>
            </div>
            {own.map((problem) => (
              <ProblemNote key={`${problem.rule} ${problem.column}`} problem={problem} />
            ))}
          </Fragment>
        );
      })}
      {lines.length > count && (
        <p className="sql-rest">
          <Button onClick={() => setWhole(true)}>Show the other {counted(lines.length - count, 'line')}</Button>
        </p>
      )}
    </div>
  );
}

function ProblemNote({ problem: { column, sourceLine, message, hint } }: { readonly problem: Problem }): JSX.Element {
  return (
    <>
      {column !== null && (
        <div className="line" data-marked="true" aria-hidden="true">
          <span className="number" />
          <span className="caret">{`${charactersBefore(sourceLine ?? '', column)}^`}</span>
        </div>
      )}
      <div className="sql-problem" role="note">
        <strong>{message}</strong> {hint}
      </div>
    </>
  );
}

/** As wide as what stands before a column, which counts characters and not their halves. */
function charactersBefore(line: string, column: number): string {
  return [...line]
    .slice(0, column - 1)
    .map((character) => (character === '\t' ? character : ' '))
    .join('');
}
