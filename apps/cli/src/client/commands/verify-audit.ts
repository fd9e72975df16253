import { type Outcome, outcomeOf } from '../../outcome.ts';
import { labelled } from '../../output/lists.ts';
import { stopWithoutFile } from '../../stop.ts';
import type { ClientCommand } from '../client-context.ts';
import type { ClientInvocation } from '../command-line/client-invocation.ts';
import { expectRecord, numberIn, recordIn, textIn } from '../views/fields.ts';

type Request = Extract<ClientInvocation, { command: 'verify-audit' }>;

/** A long log takes its time. */
const PATIENCE_MS = 600_000;

/** Asks whether the audit log is as it was written; the exit code tells. */
export const runVerifyAudit: ClientCommand<Request> = async ({ head }, { service }) => {
  const path = '/v1/audit/verify';
  const { body } = await service.ask({ method: 'GET', path, query: { head }, timeoutMs: PATIENCE_MS });
  const verdict = expectRecord(body, 'the verdict');
  const rows = numberIn(verdict, 'rows') ?? 0;
  const last = recordIn(verdict, 'head');
  const text = last === null ? null : `${textIn(last, 'seq') ?? ''}:${textIn(last, 'hash') ?? ''}`;
  const firstFault = recordIn(verdict, 'firstFault');
  // Only a clear yes is one.
  if (verdict['intact'] === true && firstFault === null) return intact(rows, text);
  return broken(rows, text, firstFault === null ? null : textIn(firstFault, 'message'), firstFault);
};

function intact(rows: number, head: string | null): Outcome {
  return outcomeOf({ status: 'succeeded' }, { intact: true, rows, head, firstFault: null }, (paint) => [
    paint.green(`the audit log is intact: ${rows} rows`),
    ...(head === null ? [] : [labelled('head', head), '  keep the head elsewhere, and give it the next time: --head']),
  ]);
}

function broken(rows: number, head: string | null, message: string | null, firstFault: object | null): Outcome {
  const told = message ?? 'The service does not say what is wrong with it.';
  const hint =
    'Compare with a backup of the control database, and find out who may write there; docs/operations.md tells what the chain proves.';
  const failed = stopWithoutFile('audit_log_broken', told, hint);
  return outcomeOf({ status: 'needs_attention', failed }, { intact: false, rows, head, firstFault }, (paint) => [
    paint.red('the audit log is not as it was written'),
    `  ${paint.block(told)}`,
    labelled('in order', `${rows} rows${head === null ? '' : `, up to ${paint.line(head)}`}`),
    labelled('what to do now', hint),
  ]);
}
