import { Fragment, type JSX, useMemo } from 'react';
import type { Answer } from '../api/client.ts';
import { useAsk } from '../api/hooks.ts';
import { SqlLine } from '../sql/sql-line.tsx';
import { sqlLines, type Token } from '../sql/tokenize-sql.ts';
import { Empty } from '../ui/empty.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Status } from '../ui/status-mark.tsx';
import { type DiffLine, lineDiff } from './line-diff.ts';
import '../sql/sql.css';

type Different = Answer<'compareBundles'>['files'][number];

const SIGNS = { added: '+', removed: '−', same: '' } as const;
const MOST_LINES = 5000;

/** What changed in one file, line by line; the two texts are fetched when it is shown. */
export function FileDiff({
  from,
  to,
  file: { path, change },
}: {
  readonly from: string;
  readonly to: string;
  readonly file: Different;
}): JSX.Element {
  const before = useAsk(
    'getBundleFile',
    { params: { digest: from }, query: { path } },
    { enabled: change !== 'added' },
  );
  const after = useAsk('getBundleFile', { params: { digest: to }, query: { path } }, { enabled: change !== 'removed' });
  const error = before.error ?? after.error;
  const isThere =
    (change === 'added' || before.data !== undefined) && (change === 'removed' || after.data !== undefined);
  return (
    <section className="stack" aria-label={`Difference of ${path}`}>
      <div className="file-head">
        <h2 className="mono">{path}</h2>
        <Status status={`file_${change}`} />
      </div>
      {error !== null ? (
        <ErrorBox error={error} />
      ) : !isThere ? (
        <Skeleton height="16rem" />
      ) : (
        <Lines
          path={path}
          before={change === 'added' ? '' : (before.data?.text ?? null)}
          after={change === 'removed' ? '' : (after.data?.text ?? null)}
          isCut={before.data?.truncated === true || after.data?.truncated === true}
        />
      )}
    </section>
  );
}

function Lines({
  path,
  before,
  after,
  isCut,
}: {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly isCut: boolean;
}): JSX.Element {
  const hunks = useMemo(() => (before === null || after === null ? null : lineDiff(before, after)), [before, after]);
  const colours = useMemo(() => ({ from: linesOf(before), to: linesOf(after) }), [before, after]);
  if (before === null || after === null) return <Empty title="One of the two is not a text in UTF-8" />;
  if (hunks === null) return <Empty title="The two are too unlike to be compared line by line" />;
  let room = MOST_LINES;
  return (
    <>
      {isCut && <p className="muted">Of a large file only the beginning is compared.</p>}
      {hunks.length === 0 && <p className="muted">No line differs: the ends of lines or a mark at the beginning do.</p>}
      <div className="code diff sql-file" role="region" aria-label={`Changed lines of ${path}`} tabIndex={0}>
        {hunks.map((hunk, index) => {
          const shown = hunk.slice(0, Math.max(0, room));
          room -= hunk.length;
          return (
            <Fragment key={`${hunk[0]?.from} ${hunk[0]?.to}`}>
              {index > 0 && <div className="diff-gap">Lines that are alike</div>}
              {shown.map((line) => (
                <Line key={`${line.from} ${line.to}`} line={line} tokens={tokensOf(line, colours)} />
              ))}
            </Fragment>
          );
        })}
      </div>
    </>
  );
}

function linesOf(text: string | null): Token[][] {
  return sqlLines((text ?? '').replaceAll('\r\n', '\n'));
}

function tokensOf(
  { from, to, text }: DiffLine,
  colours: { readonly from: readonly Token[][]; readonly to: readonly Token[][] },
): readonly Token[] {
  const own = to === null ? colours.from[(from ?? 1) - 1] : colours.to[to - 1];
  return own ?? [{ kind: 'plain', text }];
}

function Line({ line, tokens }: { readonly line: DiffLine; readonly tokens: readonly Token[] }): JSX.Element {
  return (
    <div className="line" data-change={line.change}>
      <span className="number">{line.from}</span>
      <span className="number">{line.to}</span>
      <span className="sign">
        {SIGNS[line.change]}
        {line.change !== 'same' && <span className="visually-hidden">{line.change} </span>}
      </span>
      <span className="text">
        <SqlLine tokens={tokens} />
      </span>
    </div>
  );
}
