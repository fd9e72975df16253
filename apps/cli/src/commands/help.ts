import { USAGE_EXIT_CODE } from '../exit-codes.ts';
import type { HelpInvocation } from '../invocation.ts';
import { type Outcome, outcomeOf } from '../outcome.ts';
import { CLIENT_OVERVIEW, CLIENT_TOPICS, DEPLOY_TOPIC, WITH_SERVER } from './help-client.ts';

const GENERAL = `postgres-manager: brings SQL changes to a Postgres database, each file once.

  postgres-manager --function create|deployment [--manual-deployment] [--dry-run]
  postgres-manager validate | status | baseline | resolve | new | help
  postgres-manager deploy --server URL --target NAME --mode MODE [--bundle DIR] [--wait]
  postgres-manager targets | deployments | logs | cancel | retry | approve | reject | rollout | fleet | freezes
  postgres-manager protections | webhooks | keys | workers | audit

It reads three folders below the root: create/ builds a new database, deployment/ changes an existing one,
manual-deployment/ repairs one by hand. Everything is checked before the database is touched.

Give the DSN in POSTGRES_DSN rather than with --postgres-dsn: the environment keeps it out of \`ps\` and of the
shell's history.

Commands on a DSN or on the folders
  (none)     bring the folder that --function names to the target
  validate   check the folders; needs no database
  status     show what is applied, pending, changed and missing on the target
  baseline   enter deployment files as applied, without running them
  resolve    settle a step that was interrupted and that only a person can judge
  new        write the next file of deployment/ or manual-deployment/
  help       this text; \`help status\` or \`status --help\` tell more about one command

${CLIENT_OVERVIEW}
Without a command, on a DSN
  --function WORD            create or deployment; or FUNCTION
  --manual-deployment        with deployment: run manual-deployment/ instead; or MANUAL_DEPLOY=true
  --dry-run                  show what would be applied and change nothing; or DRY_RUN=true
  --on-error stop|continue   create: what to do after a failed file (stop)
  --no-baseline              create: do not enter the deployment files as applied at the end
  --force                    create: run on a database that is not new

`;

const EVERYWHERE = `Everywhere
  --root DIR                 the folder that holds the three folders (the current one)
  --json                     one JSON object per line on stdout; the last one is the result
  --help, --version
`;

const WITH_TARGET = `
With a DSN
  --postgres-dsn DSN         the target: a postgres:// URL or host=… dbname=…; better given in POSTGRES_DSN
  --connect-timeout SECONDS  how long a server that is away or starting is tried again (30)
  --lock-wait SECONDS        how long to wait while another run holds the target (30)
  --lock-timeout MS          longest wait of a statement for a lock (5000; 0: no limit)
  --statement-timeout MS     longest run of a statement (0: no limit)
  --accept-pooler            accept an address behind a connection pooler in session mode
  --accept-identity          accept that the ledger was made in another database (a restored copy)
  --applied-by NAME          entered in the ledger beside each file (the database user)
`;

const CLOSING = `
A flag wins over its variable. Switches take a value with =, as in --dry-run=false. NO_COLOR and FORCE_COLOR are
respected. Ctrl-C cancels the running statement on the server and tells what is applied; through a service it ends
the watching alone.

Exit codes: 0 succeeded or nothing to do, 1 a step failed, 2 wrong usage or configuration, 3 problems in the files,
4 unreachable, busy or refused, 5 needs a person's attention; after a signal 129, 130 or 143.`;

const TOPICS: Readonly<Record<string, string>> = {
  validate: `postgres-manager validate [--root DIR] [--json]

Checks create/, deployment/ and manual-deployment/ with every rule, and shows all problems at once.
Needs no database. Exit code 0 when all is well, 3 with problems.`,
  status: `postgres-manager status --postgres-dsn DSN [--root DIR] [--json]

Compares the target's ledger with the folders: applied, pending, changed, missing. Reads only.
Exit code 0 when it could be read, whatever it says; with --json the lists are keys of the result.`,
  baseline: `postgres-manager baseline --postgres-dsn DSN --up-to ORDINAL [--dry-run] [--root DIR] [--json]

Enters the files of deployment/ up to ORDINAL (12 and 00012 are the same) in the ledger as applied, without running
them: for a database that was brought there by other means.`,
  resolve: `postgres-manager resolve --postgres-dsn DSN FILE --applied|--not-applied [--root DIR] [--json]
postgres-manager resolve --server URL ID FILE --applied|--not-applied [--wait] [--json]

Settles a step that was interrupted outside a transaction. Look at the target first, then say what is true of
FILE (such as deployment/00007-index.sql):
  --applied       all of it is there: enter it in the ledger as done
  --not-applied   forget the attempt: it runs again from its start

The second has a service do it, for a deployment that needs attention; its hint names the file. The answer is entered
only if nothing has happened to the file since. With --wait as deploy --wait.`,
  new: `postgres-manager new NAME [--manual] [--root DIR] [--json]

Writes the next <ordinal>-<name>.sql to deployment/, or with --manual to manual-deployment/, and prints its path.
"Add Users" becomes add-users.`,
};

const WITHOUT_TARGET: ReadonlySet<string> = new Set(['validate', 'new']);

/** Prints the help: of everything, or of one command. */
export function runHelp(invocation: HelpInvocation): Outcome {
  const text = helpText(invocation.topic);
  const outcome = outcomeOf({ status: 'succeeded' }, { help: text }, () => [text]);
  // An empty command line is a mistake, and the help only the answer to it.
  return invocation.asked ? outcome : { ...outcome, exitCode: USAGE_EXIT_CODE };
}

function helpText(topic: string | null): string {
  const about = topic === null ? undefined : TOPICS[topic];
  const client = topic === null ? undefined : CLIENT_TOPICS[topic];
  if (topic === 'deploy') return `${DEPLOY_TOPIC}\n\n${EVERYWHERE}${WITH_TARGET}\n${WITH_SERVER}${CLOSING}`;
  if (client !== undefined) return `${client}\n\n${WITH_SERVER}${CLOSING}`;
  if (topic === null || about === undefined) return `${GENERAL}${EVERYWHERE}${WITH_TARGET}\n${WITH_SERVER}${CLOSING}`;
  return `${about}\n\n${EVERYWHERE}${WITHOUT_TARGET.has(topic) ? '' : WITH_TARGET}${CLOSING}`;
}
