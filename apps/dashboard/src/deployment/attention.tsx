import { type JSX, useState } from 'react';
import { useLocation } from 'wouter';
import { useAct } from '../api/hooks.ts';
import { useMay } from '../session/session.tsx';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/dialog.tsx';
import { Time } from '../ui/time.tsx';
import { useToast } from '../ui/toast.tsx';
import type { Deployment, Evidence } from './deployment.ts';

/** What is known of a file that only a person can judge, and the way to say what it is. */
export function Attention({
  deployment,
  evidence,
}: {
  readonly deployment: Deployment;
  readonly evidence: Evidence;
}): JSX.Element {
  const may = useMay();
  const [isAsking, setAsking] = useState(false);
  const { statementsDone, statementCount, statementRunning } = evidence;
  return (
    <div className="stack attention">
      <h3>What is known</h3>
      <dl className="facts">
        <dt>Began</dt>
        <dd>
          <Time at={evidence.startedAt} />
        </dd>
        <dt>Statements done</dt>
        <dd>
          {statementsDone}
          {statementCount !== null && ` of ${statementCount}`}
        </dd>
        <dt>Interrupted</dt>
        <dd>{statementRunning === null ? 'between two statements' : `within statement ${statementRunning}`}</dd>
        {evidence.unknown !== null && (
          <>
            <dt>Not known</dt>
            <dd>{evidence.unknown}</dd>
          </>
        )}
        <dt>File as it was run</dt>
        <dd>
          <code title={evidence.sha256}>SHA-256 {evidence.sha256.slice(0, 12)}</code>
        </dd>
      </dl>
      {may('resolveDeployment') && (
        <div>
          <Button kind="primary" onClick={() => setAsking(true)}>
            Settle it…
          </Button>
        </div>
      )}
      {isAsking && <ResolveDialog deployment={deployment} file={evidence.path} onClose={() => setAsking(false)} />}
    </div>
  );
}

const ANSWERS = [
  {
    outcome: 'applied',
    title: 'Applied: all of its work is there',
    does: 'The file is entered in the target’s ledger as applied, and is not run again. What is behind it is then run.',
  },
  {
    outcome: 'not-applied',
    title: 'Not applied: none of its work is there',
    does: 'The file is run again, from its first statement; then what is behind it. Undo by hand first what is there of it.',
  },
] as const;

function ResolveDialog({
  deployment,
  file,
  onClose,
}: {
  readonly deployment: Deployment;
  readonly file: string;
  readonly onClose: () => void;
}): JSX.Element {
  const resolve = useAct('resolveDeployment');
  const toast = useToast();
  const [, navigate] = useLocation();
  const [outcome, setOutcome] = useState<'applied' | 'not-applied' | null>(null);
  return (
    <ConfirmDialog
      title={`What is there of ${file}?`}
      confirmLabel={outcome === null ? 'Choose what is there' : `Say ${outcome.replace('-', ' ')} and go on`}
      onClose={onClose}
      onConfirm={async () => {
        if (outcome === null) return;
        const made = await resolve.mutateAsync({ params: { id: deployment.id }, body: { file, outcome } });
        toast(`Said ${outcome.replace('-', ' ')}. This is the deployment that goes on.`);
        navigate(`/deployments/${made.id}`);
      }}
    >
      <p>
        Look at <strong>{deployment.target}</strong> first: the service can’t tell. A new deployment enters your answer
        in the target’s ledger, under its lock and for this interruption alone, and carries on. It stands in the audit
        log with your name.
      </p>
      <div className="stack" role="radiogroup" aria-label="What is there">
        {ANSWERS.map((answer) => (
          <label key={answer.outcome} className="answer">
            <input
              type="radio"
              name="outcome"
              required
              checked={outcome === answer.outcome}
              onChange={() => setOutcome(answer.outcome)}
            />
            <span>
              <strong>{answer.title}</strong>
              <span className="muted small">{answer.does}</span>
            </span>
          </label>
        ))}
      </div>
    </ConfirmDialog>
  );
}
