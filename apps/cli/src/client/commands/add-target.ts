import { outcomeOf } from '../../outcome.ts';
import { CommandError } from '../../stop.ts';
import type { ClientCommand } from '../client-context.ts';
import type { AddTargetRequest } from '../command-line/client-invocation.ts';
import { expectRecord, expectText } from '../views/fields.ts';
import { databaseText } from './list-targets.ts';

const MOST_DSN_CHARACTERS = 4_096;

/** Registers a target, or changes one; what is not given stays as it is. */
export const runAddTarget: ClientCommand<AddTargetRequest> = async (request, context) => {
  const { name, dsn, labels, acceptPooler, acceptIdentity, lockTimeoutMs, statementTimeoutMs } = request;
  const secret = dsn?.kind === 'stdin' ? { dsn: await readDsn() } : {};
  const { status, body } = await context.service.ask({
    method: 'PUT',
    path: `/v1/targets/${encodeURIComponent(name)}`,
    body: {
      ...secret,
      ...(dsn?.kind === 'environment' ? { dsnEnv: dsn.variable } : {}),
      ...(labels === null ? {} : { labels }),
      ...(acceptPooler === null ? {} : { acceptPooler }),
      ...(acceptIdentity === null ? {} : { acceptIdentity }),
      ...(lockTimeoutMs === null ? {} : { lockTimeoutMs }),
      ...(statementTimeoutMs === null ? {} : { statementTimeoutMs }),
    },
  });
  const target = expectRecord(body, 'the target');
  const shown = expectText(target, 'name');
  const said = status === 201 ? 'registered' : 'changed';
  return {
    ...outcomeOf({ status: 'succeeded' }, { target: shown, change: said }, (paint) => [
      paint.green(paint.line(`${said}: ${shown}, ${databaseText(target)}`)),
    ]),
    items: [{ ...target, type: 'target' }],
  };
};

/** The DSN from standard input, whose first line it is; on a terminal what is typed would be seen, so it is refused. */
async function readDsn(): Promise<string> {
  if (process.stdin.isTTY) {
    throw new CommandError(
      'usage',
      '--dsn-stdin reads the DSN from a pipe or a file, not from the terminal, where it would be seen',
      'Example: postgres-manager targets add shop --dsn-stdin < shop.dsn',
    );
  }
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > MOST_DSN_CHARACTERS) break;
  }
  const dsn = text.trim();
  if (dsn !== '' && dsn.length <= MOST_DSN_CHARACTERS && !dsn.includes('\n')) return dsn;
  throw new CommandError(
    'usage',
    'standard input does not hold one DSN on one line (what it holds is not shown here)',
    'Example: printenv SHOP_DSN | postgres-manager targets add shop --dsn-stdin',
  );
}
