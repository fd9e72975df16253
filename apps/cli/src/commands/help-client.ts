/** What the general help says of the commands for a service. */
export const CLIENT_OVERVIEW = `Commands for a service (--server or POSTGRES_MANAGER_SERVER, and the key in POSTGRES_MANAGER_KEY)
  deploy       have a target deployed: --target NAME --mode create|deployment|manual-deployment
  targets      list targets; \`targets NAME\` shows one; \`targets add NAME\`, \`targets remove NAME\`
  deployments  list deployments; \`deployments ID\` shows one
  logs         show what happened in a deployment; --follow shows it live
  cancel       end a deployment
  retry        make the same deployment again
  resolve      say what became of an interrupted file: resolve ID FILE --applied|--not-applied
  keys         list keys; \`keys create\`, \`keys revoke ID\`
  workers      list workers
  audit        list who changed what; \`audit verify\` tells whether that list was tampered with
`;

export const WITH_SERVER = `With a service
  --server URL               its address; or POSTGRES_MANAGER_SERVER
  --connect-timeout SECONDS  how long a service that is away is asked again (30; 300 while following)
  --json                     one JSON object per line on stdout; the last one is the result
The key is read from POSTGRES_MANAGER_KEY alone: \`ps\` and the shell's history show a command line.
`;

/** More about one command. \`deploy\` is both: on a DSN, and through a service. */
export const CLIENT_TOPICS: Readonly<Record<string, string>> = {
  targets: `postgres-manager targets [--label NAME=VALUE …] [--limit N]
postgres-manager targets NAME [--bundle DIR]
postgres-manager targets add NAME --dsn-env VARIABLE|--dsn-stdin [--label NAME=VALUE …]
postgres-manager targets remove NAME

Lists targets, or shows where one stands; with --bundle also what it lacks of the folders in DIR.
  --dsn-env VARIABLE         the variable in the workers' environment that holds the DSN
  --dsn-stdin                read the DSN from standard input; the service keeps it encrypted
  --label NAME=VALUE         list: those with it; add: give it; may be given several times
  --accept-pooler, --accept-identity, --lock-timeout MS, --statement-timeout MS
                             add: how its deployments are run. What is not given stays as it is
  --limit N                  how many to list (50)`,
  deployments: `postgres-manager deployments [--target NAME] [--mode MODE] [--status STATUS] [--since WHEN] [--until WHEN] [--limit N]
postgres-manager deployments ID

Lists deployments, newest first, or shows all about one. Exit code 0, whatever became of them.
  --status STATUS            scheduled, queued, running, cancelling, succeeded, failed, cancelled or needs_attention
  --since, --until WHEN      30m, 12h, 7d ago, or a moment such as 2030-04-06T09:00:00Z
  --limit N                  how many to list (50)`,
  logs: `postgres-manager logs ID [--follow]

Shows what has happened in a deployment so far. With --follow it goes on until the end, and the exit code is that of
how the deployment ended. Ctrl-C ends the watching, not the deployment.`,
  cancel: `postgres-manager cancel ID [--wait]

Ends a deployment: one that waits at once, one that runs when its statement is cancelled and rolled back. What was
applied before stays. With --wait until it has ended, with the exit code of how it did (cancelled: 1).`,
  retry: `postgres-manager retry ID [--wait]

Makes a new deployment of the same bundle in the same mode; it carries on with what is not applied. With --wait as
deploy --wait.`,
  keys: `postgres-manager keys
postgres-manager keys create --name NAME --role viewer|deployer|admin [--label NAME=VALUE …] [--expires MOMENT]
postgres-manager keys revoke ID

Lists, makes and revokes keys; needs an admin's. A new key is shown once; in a pipe it is printed alone.
  --label NAME=VALUE         the key is for targets with it alone
  --expires MOMENT           such as 2030-04-06T09:00:00Z`,
  workers: `postgres-manager workers

Lists the workers, and how much each has to do.`,
  audit: `postgres-manager audit [--limit N]
postgres-manager audit verify [--head SEQ:HASH]

Lists who changed what, newest first; or recomputes the log's chain of hashes, with exit code 5 when it is broken.
Both need an admin's key.
  --head SEQ:HASH            verify: what an earlier one showed; the log must still hold it
  --limit N                  how many to list (50)`,
};

/** What \`deploy --help\` says beside the flags of a run on a DSN. */
export const DEPLOY_TOPIC = `postgres-manager --function create|deployment [--manual-deployment] [--dry-run]
postgres-manager deploy --server URL --target NAME --mode create|deployment|manual-deployment [--bundle DIR] [--wait]

The first runs from here on a DSN: \`postgres-manager --help\` has its flags. The second has a service do it:
  --target NAME              a target of the service
  --mode MODE                which folder: create, deployment or manual-deployment
  --bundle DIR               push the three folders in DIR; without it the service takes its own
  --wait                     show it live until its end; the exit code is that of how it ended
  --dry-run                  show what would be applied and change nothing; or DRY_RUN=true
  --on-error stop|continue   create: what to do after a failed file (stop)
  --priority N               -100 to 100: higher goes first in the target's line (0)
  --not-before MOMENT        not to begin before then, such as 2030-04-06T09:00:00Z
  --idempotency-key KEY      the same key again makes no second deployment
Without --wait the exit code is 0 once it is accepted; in a pipe its id is printed alone. Ctrl-C ends the watching, not
the deployment.`;
